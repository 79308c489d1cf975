"""The codes step on planted activations: every firing once, killed or not, or a refusal before it starts."""

from collections import namedtuple

import numpy as np
import pytest

from tasks.codes import work
from tasks.codes.axes import read_axes
from tasks.codes.reader import CodesReader
from tasks.codes.settings import CodesSettings
from tasks.store import DamagedShard, OutOfSpace, StepFolder
from tests.builders.codes import write_codes
from tests.builders.describe import LAYER, N_FEATURES, K, make_world, write_inputs
from tests.builders.steps import do_step

KEY = "codes-0123456789abcdef"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def reads(world, tmp_path_factory):
    folders = write_inputs(tmp_path_factory.mktemp("inputs"), world)
    return {name: folders[name] for name in ("sae", "activations", "cells")}


def run(reads, folder):
    return do_step("codes", CodesSettings(), folder, sae=reads["sae"], activations=reads["activations"])


@pytest.fixture(scope="module")
def folder(reads, tmp_path_factory):
    return run(reads, tmp_path_factory.mktemp("runs") / KEY)


def dense(codes):
    found = np.zeros((codes.n_positions, codes.n_features), dtype=np.float32)
    for firings in codes:
        assert (np.diff(firings.position) >= 0).all()
        assert not found[firings.position].any()  # no position is in two chunks
        found[firings.position, firings.feature] = firings.value
    return found


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.safetensors")}


def test_every_planted_firing_is_kept_with_its_value(world, folder):
    codes = CodesReader(folder)
    assert (codes.layer, codes.n_features, codes.n_positions) == (LAYER, N_FEATURES, len(world.cell))
    for _ in range(2):
        np.testing.assert_array_equal(dense(codes), world.codes)


def test_fires_are_counted_over_all_positions(world, folder):
    codes = CodesReader(folder)
    assert codes.fire_counts().tolist() == (world.codes > 0).sum(axis=0).tolist()
    np.testing.assert_allclose(codes.frequencies(), (world.codes > 0).mean(axis=0), rtol=1e-12)


def test_positions_have_the_cell_and_gene_of_the_index(world, reads, folder):
    axes = read_axes(reads["activations"], reads["cells"])
    assert axes.n_positions == CodesReader(folder).n_positions
    np.testing.assert_array_equal(axes.cell_id[axes.cell], world.cell)
    assert [axes.symbol[gene] for gene in axes.gene[:50]] == [f"G{gene}" for gene in world.gene[:50]]


@pytest.mark.parametrize("n_done", [0, 1])
def test_interrupted_work_goes_on_and_ends_the_same(reads, folder, tmp_path, monkeypatch, n_done):
    encoded, real = [], work.encode_rows

    def die_at_the_next(sae, activations):
        encoded.append(len(activations))
        if len(encoded) > n_done:
            raise KeyboardInterrupt
        return real(sae, activations)

    monkeypatch.setattr(work, "encode_rows", die_at_the_next)
    with pytest.raises(KeyboardInterrupt):
        run(reads, tmp_path / KEY)
    assert len(StepFolder(tmp_path / KEY).lines) == n_done
    calls = []
    monkeypatch.setattr(work, "encode_rows", lambda sae, x: calls.append(len(x)) or real(sae, x))
    run(reads, tmp_path / KEY)
    assert len(calls) == len(StepFolder(folder).lines) - n_done
    assert contents(tmp_path / KEY) == contents(folder)


def test_a_disk_that_cannot_hold_the_firings_is_refused_before_anything_is_encoded(reads, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.disk.shutil.disk_usage", lambda _: Usage(0, 0, 100_000))
    with pytest.raises(OutOfSpace, match=r"codes of layer 2 need about 0\.00 GB of disk, .* free: free some space, or"):
        run(reads, tmp_path / KEY)
    assert not StepFolder(tmp_path / KEY).lines


def test_the_estimate_is_what_is_written(reads, folder):
    """``sae.l0`` is exact here, so only the margin is above the bytes of the arrays."""
    arrays = sum(array.nbytes for array in map(np.asarray, _arrays(folder)))
    needed = work.estimate(reads["sae"], work.load_sae(reads["sae"]), CodesReader(folder).n_positions, 2)
    assert needed == pytest.approx(work.DISK_MARGIN * arrays, rel=1e-3)
    assert StepFolder.open(reads["sae"]).read_table("sae")["l0"].item() <= K


def _arrays(folder):
    from safetensors.numpy import load_file

    return [array for path in folder.rglob("*.safetensors") for array in load_file(path).values()]


def test_a_damaged_chunk_is_named(world, tmp_path):
    folder = write_codes(tmp_path / KEY, world.codes)
    shard = folder / "firings" / "cells-00001.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DamagedShard, match=r"firings/cells-00001\.safetensors"):
        dense(CodesReader(folder))
