"""Training without a step folder."""

from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.training import Trained, Training
from tasks.sae.untrained import untrained_sae
from tasks.store import Progress


def train(untrained: Sae, positions: Positions, settings: SaeSettings) -> Trained:
    """One autoencoder, from weights that are left as they are."""
    return train_all([(untrained, settings)], positions, settings)[0]


def train_all(starts: list[tuple[Sae, SaeSettings]], positions: Positions, common: SaeSettings) -> list[Trained]:
    """Several, from the same batches."""
    training = Training(starts, positions, common)
    with Progress("training", common.steps) as bar:
        while not training.done:
            training.advance(bar)
    return training.trained()


def seeded_start(settings: SaeSettings, positions: Positions) -> tuple[Sae, SaeSettings]:
    """Where training starts under these settings."""
    return untrained_sae(settings, 0, positions, "model", "0123456789"), settings
