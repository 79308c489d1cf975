"""Training that is cut off anywhere ends as if it had not been."""

from pathlib import Path

import pytest
import torch

from tasks.sae.positions import Positions
from tasks.sae.settings import SaeSettings
from tasks.sae.training.checkpoints import checkpoints, drop_checkpoints, train_to_end
from tasks.sae.training.trainee import Trainee
from tasks.sae.training.training import Trained, Training
from tasks.sae.variants import VARIANTS
from tasks.store import StepFolder
from tests.builders.planted_positions import planted_positions
from tests.builders.sae_training import seeded_start, train_all

COMMON = SaeSettings(
    expansion=4, k=3, steps=60, batch=512, warmup=5, decay=10, sparsity_warmup=5, dead_after=2000, log_every=10,
    checkpoint_steps=7, patience=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def positions() -> Positions:
    return planted_positions()[0]


def training(positions: Positions) -> Training:
    every = [COMMON.model_copy(update={"variant": variant}) for variant in VARIANTS]
    return Training([seeded_start(settings, positions) for settings in every], positions, COMMON)


@pytest.fixture(scope="module")
def uninterrupted(positions: Positions) -> list[Trained]:
    return train_all([(t.untrained, t.settings) for t in training(positions).trainees], positions, COMMON)


@pytest.mark.parametrize("killed_at", [3, 7, 30, 45])
def test_cut_off_training_goes_on_bit_for_bit(
    positions: Positions, uninterrupted: list[Trained], killed_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = Trainee.learn

    def killed(self: Trainee, x: torch.Tensor, step: int, heldout: torch.Tensor) -> None:
        if step == killed_at and self.settings.variant == "gated":
            raise KeyboardInterrupt
        learn(self, x, step, heldout)

    with monkeypatch.context() as patch, StepFolder.create(tmp_path / "sae-01") as out:
        patch.setattr(Trainee, "learn", killed)
        with pytest.raises(KeyboardInterrupt):
            train_to_end(training(positions), out, "training")
    with StepFolder.create(tmp_path / "sae-01") as out:
        assert checkpoints(out) == [f"checkpoint-{step:07d}" for step in (7 * ((killed_at - 1) // 7),) if step]
        resumed = train_to_end(training(positions), out, "training")
        assert len(list((tmp_path / "sae-01" / "checkpoints").iterdir())) == 1
        drop_checkpoints(out)
        assert not out.lines
        assert not list((tmp_path / "sae-01" / "checkpoints").iterdir())
    for found, wanted in zip(resumed, uninterrupted, strict=True):
        assert found.n_steps == wanted.n_steps
        assert all(torch.equal(found.sae.parameters[name], w) for name, w in wanted.sae.parameters.items())
        assert found.curve.frame("a").equals(wanted.curve.frame("a"))


def test_finished_training_is_read_from_its_last_checkpoint(
    positions: Positions, uninterrupted: list[Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StepFolder.create(tmp_path / "sae-01") as out:
        train_to_end(training(positions), out, "training")
        monkeypatch.delattr(Trainee, "learn")
        for found, wanted in zip(train_to_end(training(positions), out, "training"), uninterrupted, strict=True):
            assert torch.equal(found.sae.W_enc, wanted.sae.W_enc)
