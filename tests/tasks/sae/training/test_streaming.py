"""Training from disk ends bit for bit as training in memory does, killed or not; so does a whole layer's folder."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tasks.activations.reader import ActivationReader
from tasks.activations.streamed import StreamedStates
from tasks.sae import positions as module
from tasks.sae.positions import Positions, read_positions
from tasks.sae.settings import SaeSettings
from tasks.sae.training.checkpoints import train_to_end
from tasks.sae.training.trainee import Trainee
from tasks.sae.training.training import Trained, Training
from tasks.sae.variants import VARIANTS
from tasks.store import StepFolder
from tests.builders.activations import write_activations
from tests.builders.planted_positions import planted_positions
from tests.builders.sae_training import seeded_start, train_all
from tests.builders.steps import do_step

COMMON = SaeSettings(
    expansion=4, k=3, steps=60, batch=512, warmup=5, decay=10, sparsity_warmup=5, dead_after=2000, log_every=10,
    checkpoint_steps=7, patience=2,
)  # fmt: skip
WINDOW = 4 * 512  # rows: four batches at a time of 22,000 rows of width 32


@pytest.fixture(scope="module")
def in_memory() -> Positions:
    return planted_positions()[0]


@pytest.fixture(scope="module")
def reader(in_memory: Positions, tmp_path_factory: pytest.TempPathFactory) -> ActivationReader:
    folder = tmp_path_factory.mktemp("runs") / "activations-1"
    return ActivationReader(write_activations(folder, {0: in_memory.hidden.numpy()}, n_chunks=3))


def streamed(reader: ActivationReader, device: str) -> StreamedStates:
    return StreamedStates(reader, 0, torch.device(device), budget=2 * WINDOW * 32 * 2)


@pytest.fixture(scope="module")
def on_disk(in_memory: Positions, reader: ActivationReader) -> Positions:
    return Positions(streamed(reader, "cpu"), in_memory.train, in_memory.heldout)


def starts(positions: Positions) -> list:
    return [seeded_start(COMMON.model_copy(update={"variant": variant}), positions) for variant in VARIANTS]


def require_equal(found: list[Trained], wanted: list[Trained]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert (one.n_steps, one.input_scale) == (other.n_steps, other.input_scale)
        assert all(torch.equal(one.sae.parameters[name], w) for name, w in other.sae.parameters.items())
        assert one.curve.frame("a").equals(other.curve.frame("a"))


def test_every_variant_becomes_what_it_becomes_in_memory(in_memory: Positions, on_disk: Positions) -> None:
    found = train_all(starts(on_disk), on_disk, COMMON)
    require_equal(found, train_all(starts(in_memory), in_memory, COMMON))
    assert torch.equal(torch.cat([*on_disk.chunks(on_disk.heldout)]), in_memory.rows(in_memory.heldout))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_batches_reach_a_gpu_as_they_are(in_memory: Positions, reader: ActivationReader) -> None:
    states = streamed(reader, "cuda")
    batches = in_memory.train[:6000].split(512)
    found = Positions(states, in_memory.train, in_memory.heldout).in_turn(batches)
    for x, rows in zip(found, batches, strict=True):
        assert torch.equal(x, in_memory.hidden.cuda()[rows.cuda()].float())


def test_killed_from_disk_it_goes_on_in_memory(
    in_memory: Positions, on_disk: Positions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, learn = starts(in_memory)[:1], Trainee.learn

    def killed(self: Trainee, x: torch.Tensor, step: int, heldout: torch.Tensor) -> None:
        if step == 30:
            raise KeyboardInterrupt
        learn(self, x, step, heldout)

    with monkeypatch.context() as patch, StepFolder.create(tmp_path / "sae-01") as out:
        patch.setattr(Trainee, "learn", killed)
        with pytest.raises(KeyboardInterrupt):
            train_to_end(Training(start, on_disk, COMMON), out, "training")
    with StepFolder.create(tmp_path / "sae-01") as out:
        resumed = train_to_end(Training(start, in_memory, COMMON), out, "training")
    require_equal(resumed, train_all(start, in_memory, COMMON))


@pytest.mark.parametrize("changes", [{"memory_gb": 1e-5}, {"devices": ("cpu", "cpu")}], ids=["streamed", "devices"])
def test_neither_memory_nor_devices_change_a_byte_of_a_folder(
    inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict
) -> None:
    settings = SaeSettings(expansion=2, k=4, steps=40, batch=64, warmup=5, decay=10, log_every=20, splice_cells=4)
    monkeypatch.setattr(module, "CHUNK_ROWS", 64)  # two of them fit in ten thousand bytes
    other = settings.model_copy(update=changes)
    streamed = isinstance(read_positions(inputs.activations, inputs.cells, 1, "cpu", other).hidden, StreamedStates)
    assert streamed == ("memory_gb" in changes)
    one, two = (
        do_step("sae", each, tmp_path / name / "sae-0123456789abcdef", layer=1, **inputs.reads)
        for name, each in (("a", settings), ("b", other))
    )
    for shard in StepFolder.open(one).lines["sae"].shards:
        assert np.array_equal((two / shard.path).read_bytes(), (one / shard.path).read_bytes()), shard.path
