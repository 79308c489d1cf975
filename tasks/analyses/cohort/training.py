"""One autoencoder of a cohort, trained as step ``sae`` trains: with its settings, but for seed and number of steps."""

import torch
from torch import Tensor

from tasks.analyses.cohort.sources import Cohort
from tasks.sae.positions import Positions
from tasks.sae.settings import SaeSettings
from tasks.sae.training.checkpoints import train_to_end
from tasks.sae.training.training import Trained, Training
from tasks.sae.untrained import untrained_sae
from tasks.store import StepFolder


def settings_of(common: SaeSettings, steps: int | None, seed: int) -> SaeSettings:
    """Those of section ``sae`` under another seed; of fewer steps, warm-up and decay take the same shares.

    All take all steps: an autoencoder that stops early would have seen less than the one beside it.
    """
    n = common.steps if steps is None else min(steps, common.steps)
    phases = {name: getattr(common, name) * n // common.steps for name in ("warmup", "decay", "sparsity_warmup")}
    changed = {"seed": seed, "steps": n, "log_every": n, "patience": None, "path": None, "path_model": None, **phases}
    return SaeSettings.model_validate({**common.model_dump(), **changed})


def train(
    cohort: Cohort, settings: SaeSettings, layer: int, hidden: Tensor, heldout: Tensor, out: StepFolder, unit: str
) -> Trained:
    """Train on the cohort's rows of ``hidden`` [N, d]; killed, it goes on from the checkpoint of ``unit``."""
    positions = Positions(hidden, torch.from_numpy(cohort.rows).to(hidden.device), heldout)
    start = untrained_sae(settings, layer, positions, "", out.key)
    label = f"layer {layer}, {cohort.name}, seed {cohort.seed}"
    return train_to_end(Training([(start, settings)], positions, settings), out, label, unit)[0]
