"""Step ``subspace`` on a small model's activations: tables, budgets on the held-out positions of the autoencoder."""

import numpy as np
import pytest
import torch

from tasks.activations.reader import ActivationReader
from tasks.analyses.subspace.rows import blocks, split_rows, thinned
from tasks.analyses.subspace.step import SubspaceSettings
from tasks.codes.settings import CodesSettings
from tasks.sae import load_sae
from tasks.sae.metrics import reconstruction
from tasks.sae.positions import read_positions
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError, StepFolder
from tests.builders.cells import write_cells
from tests.builders.contract import assert_contract
from tests.builders.models import random_cells, tiny_vocabulary
from tests.builders.sae_inputs import make_sae_inputs
from tests.builders.steps import do_step

TABLES = ("feature_subspace", "svd_axis", "subspace_histogram", "svd_layer")
LAYER, WIDTH = 1, 32
SMALL = {"steps": 40, "batch": 128, "warmup": 5, "decay": 10, "splice_cells": 4, "expansion": 2}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("subspace")
    reads = make_sae_inputs(root).reads
    sae = do_step("sae", SaeSettings(**SMALL), root / "sae-0123456789abcdef", layer=LAYER, **reads)
    activations = reads["activations"]
    codes = do_step("codes", CodesSettings(), root / "codes-1", layer=LAYER, sae=sae, activations=activations)
    return {"activations": activations, "cells": reads["cells"], "sae": sae, "codes": codes}


def run(folders, folder, **changes):
    return do_step("subspace", SubspaceSettings(wanted=True, **changes), folder, layer=LAYER, **folders)


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs") / "subspace-0123456789abcdef"))


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_contract(made, table):
    assert_contract(made.read_table(table), table)


def test_budgets_are_compared_on_the_positions_of_fvu(made, folders):
    row = made.read_table("svd_layer").row(0, named=True)
    positions = read_positions(folders["activations"], folders["cells"], LAYER, "cpu", SaeSettings())
    sae = load_sae(folders["sae"])
    chunks = positions.chunks(positions.heldout)
    measured = reconstruction(sae, chunks, positions.mean(positions.heldout))
    assert row["sae_variance"] == pytest.approx(1 - measured.fvu, abs=1e-6)
    train, heldout = (positions.rows(rows).double() for rows in (positions.train, positions.heldout))
    centre = train.mean(0)
    _, _, axes = torch.linalg.svd(train - centre, full_matrices=False)
    total = (heldout - heldout.mean(0)).square().sum()

    def rebuilt(rank):
        part = centre + (heldout - centre) @ axes[:rank].T @ axes[:rank]
        return float(1 - (heldout - part).square().sum() / total)

    assert row["n_active"] == sae.k == 8
    assert row["pca_equal_l0"] == pytest.approx(rebuilt(8), abs=1e-8)
    assert row["pca_equal_l0"] <= row["pca_best"] <= 1
    assert (row["rank_equal_parameters"], row["pca_equal_parameters"]) == (WIDTH, pytest.approx(1, abs=1e-8))
    assert row["n_parameters"] == 2 * 64 * WIDTH + 64 + WIDTH
    assert row["gain"] == pytest.approx(row["sae_variance"] / row["svd_variance"])
    rank = row["rank_equal_variance"]
    assert rebuilt(rank) >= row["sae_variance"] > rebuilt(rank - 1)
    by_axis = made.read_table("svd_axis")["variance_heldout"]
    apart = by_axis.sum() - 1  # all axes rebuild everything, and the rest of their sum is the means' difference
    assert by_axis[:8].sum() - apart == pytest.approx(rebuilt(8), abs=1e-7)


def test_what_is_called_is_counted_beside_random_directions(made):
    features, row = made.read_table("feature_subspace"), made.read_table("svd_layer").row(0, named=True)
    assert row["n_significant"] == features["significant"].sum()
    assert row["n_aligned"] + row["n_novel"] == features.height
    assert row["share_mean"] == pytest.approx(features["share_k"].mean(), abs=1e-9)
    assert (row["rank_tested"], row["share_expected"]) == (8, 8 / WIDTH)
    assert features["share_50"].null_count() == features.height  # the layer is 32 wide
    assert row["share_matched"] > row["share_expected"]


def test_a_rank_that_holds_every_direction_is_not_tested(folders, tmp_path):
    found = StepFolder.open(run(folders, tmp_path / "subspace-0123456789abcdef", tested="50"))
    features, row = found.read_table("feature_subspace"), found.read_table("svd_layer").row(0, named=True)
    assert features.select("p", "q", "significant").null_count().row(0) == (features.height,) * 3
    assert (row["rank_tested"], row["n_significant"]) == (None, None)
    assert_contract(found.read_table("svd_layer"), "svd_layer")


def test_rows_are_read_in_any_number_of_blocks(folders, monkeypatch):
    reader = ActivationReader(folders["activations"])
    split = split_rows(reader, folders["cells"])
    assert np.array_equal(np.union1d(split.train, split.heldout), np.arange(reader.n_positions))
    monkeypatch.setattr("tasks.analyses.subspace.rows.BLOCK_ROWS", 7)
    rows = thinned(split.train, 100)
    assert 50 < rows.size <= 100
    expected = reader.load(LAYER).numpy()[rows].astype(float)
    assert np.array_equal(np.concatenate([*blocks(reader, LAYER, rows)]), expected)


def test_cells_without_a_training_part_are_refused(folders, tmp_path):
    vocabulary = tiny_vocabulary()
    cells = random_cells(vocabulary, [20, 30, 40, 25] * 10)
    alone = write_cells(tmp_path / "cells", cells, vocabulary, heldout_every=1)
    with pytest.raises(RequestError, match="has no train cell with a kept position: choose more cells"):
        run({**folders, "cells": alone}, tmp_path / "subspace-0123456789abcdef")


def test_more_than_memory_holds_is_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"principal axes of layer 1 needs .* GB of memory"):
        run(folders, tmp_path / "subspace-0123456789abcdef")


def test_done_work_is_not_repeated_and_equal_inputs_give_equal_bytes(made, folders, tmp_path, monkeypatch):
    again = StepFolder.open(run(folders, tmp_path / "subspace-0123456789abcdef"))
    for table in TABLES:
        assert again.shards(table)[0].read_bytes() == made.shards(table)[0].read_bytes()
    (again.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.subspace.work.principal_axes", None)
    assert StepFolder.open(run(folders, again.path)).info == made.info
