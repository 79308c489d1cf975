"""Step ``contexts``: kept cells, firings and quantiles against loops over all of them; tokens, and a planted map."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from tasks.activations.reader import ActivationReader
from tasks.analyses.contexts.choose import choose_cells, sum_by_cell
from tasks.analyses.contexts.places import map_rows, mean_states
from tasks.analyses.contexts.quantiles import quantile_rows
from tasks.analyses.contexts.step import ContextsSettings
from tasks.analyses.contexts.strips import read_strips
from tasks.cells.reader import CellsReader
from tasks.codes.axes import NO_GENE, Axes, read_axes
from tasks.codes.reader import Firings
from tasks.store import StepFolder
from tests.builders.activations import write_activations
from tests.builders.codes import write_codes
from tests.builders.contract import assert_contract
from tests.builders.describe import DEAD, N_CELLS, N_FEATURES, TYPES, make_world
from tests.builders.sae_inputs import make_sae_inputs
from tests.builders.slow_contexts import LEVELS, firings, kept_cells, quantiles
from tests.builders.steps import do_step

TABLES = ("feature_cell", "feature_context", "feature_label_quantile", "cell_token", "cell_map")
LIMITS = [(5, 2, 50), (3, 0, 1), (1, 40, 200), (200, 3, 2)]


@pytest.fixture(scope="module")
def world():
    return make_world()


def sums_of(world, n_chunks=3):
    return sum_by_cell(world.firings(n_chunks), world.axes, N_FEATURES)


@pytest.mark.parametrize(("strongest", "others", "known"), LIMITS)
def test_kept_cells_equal_a_ranking_of_all(world, strongest, others, known):
    """Activations have 39 levels, so ties abound; with 40 chunks, cells are cut in two."""
    limits = {"strongest": strongest, "others": others, "known": known}
    expected = pl.DataFrame(kept_cells(world.codes, world.cell, **limits), infer_schema_length=None)
    for n_chunks in (3, 41):
        found = choose_cells(sums_of(world, n_chunks), world.axes, ContextsSettings(**limits))
        found = found.rename({"cell": "cell_id"}).select(expected.columns)
        for name in ("feature", "cell_id", "rank", "part", "maximum", "n_firings"):
            assert found[name].to_list() == expected[name].to_list(), name
        assert found["mean"].to_numpy() == pytest.approx(expected["mean"].to_numpy(), rel=1e-12)
    assert DEAD not in expected["feature"].to_list()


@pytest.mark.parametrize("most", [1, 3, 64])
def test_strips_equal_a_sort_of_the_firings_of_each_cell(world, most):
    limits = {"strongest": 4, "others": 2, "known": 9}
    place = (np.arange(world.cell.size) % 80).astype(np.uint16)
    axes = world.axes
    axes = Axes(axes.cell, axes.cell_id, np.where(axes.gene == 0, NO_GENE, axes.gene), axes.gene_id, axes.symbol)
    chosen = choose_cells(sums_of(world), axes, ContextsSettings(**limits)).filter(pl.col("part").is_not_null())
    found = read_strips(world.firings(41), axes, place, chosen, most)
    genes = [None if number == NO_GENE else axes.gene_id[number] for number in axes.gene]
    kept = kept_cells(world.codes, world.cell, **limits)
    rows = [tuple(row.values()) for row in firings(world.codes, world.cell, place, genes, kept, most)]
    columns = ["feature", "cell_id", "position", "gene_id", "activation"]
    assert found.select(columns).rows() == sorted(rows, key=lambda row: row[:3])
    assert most == 1 or found["gene_id"].null_count() > 0


def test_quantiles_by_type_equal_those_of_sorted_cells(world):
    labels = [None if (name := TYPES[cell % 3]) == "unlabelled" else name for cell in range(N_CELLS)]
    said = [TYPES[cell % 3] for cell in range(N_CELLS)]  # written as text, it is no type either
    found = quantile_rows(sums_of(world), world.axes, N_FEATURES, said)
    expected = pl.DataFrame(list(quantiles(world.codes, world.cell, labels))).sort("feature", "kind", "label")
    names = ["feature", "kind", "label", "n_cells", "n_active"]
    assert found.select(names).rows() == expected.select(names).rows()
    assert found.select(*LEVELS).to_numpy() == pytest.approx(expected.select(*LEVELS).to_numpy(), rel=1e-12)
    planted = found.filter(pl.col("feature") == 0)  # fires in T cells alone
    medians = dict(planted.filter(kind="type").select("label", "median").iter_rows())
    assert medians["T"] > 0
    assert medians["B"] == pytest.approx(0, abs=0.05 * medians["T"])


def test_where_nothing_fires_there_is_nothing(world):
    nothing = [Firings(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))]
    sums = sum_by_cell(nothing, world.axes, N_FEATURES)
    chosen = choose_cells(sums, world.axes, ContextsSettings())
    place = np.zeros(world.cell.size, dtype=np.uint16)
    assert chosen.is_empty()
    assert read_strips(nothing, world.axes, place, chosen, 5).is_empty()
    assert quantile_rows(sums, world.axes, N_FEATURES, [None] * N_CELLS).is_empty()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("contexts")
    inputs = make_sae_inputs(root)
    n = ActivationReader(inputs.activations).n_positions
    rng = np.random.default_rng(0)
    codes = {}
    for layer in (0, 2):
        dense = np.where(rng.random((n, 12)) < 0.3, rng.gamma(2.0, 1.0, (n, 12)), 0).astype(np.float32)
        codes[layer] = write_codes(root / f"codes-{layer}", dense, layer=layer, sae_id=f"s{layer}", n_chunks=3)
    return {"activations": inputs.activations, "cells": inputs.cells, "codes": codes}


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    settings = ContextsSettings(wanted=True, strongest=2, others=1, firings=4, known=6, token_cells=5, map_cells=30)
    return StepFolder.open(do_step("contexts", settings, tmp_path_factory.mktemp("made") / "contexts-1", **folders))


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_contract(made, table):
    assert_contract(made.read_table(table), table)


def test_what_was_cut_is_said(made):
    notes = " ".join(made.info["notes"])
    for part in ("more than 4 firings", "all genes are kept of 5 of", "the map has 30 of 40 cells"):
        assert part in notes


def test_tokens_are_those_of_the_cells_most_strips_are_of(made, folders):
    used = made.read_table("feature_cell").drop_nulls("part")["cell_id"].to_list()
    chosen = sorted(sorted(set(used), key=lambda cell: (-used.count(cell), cell))[:5])
    cells, index = CellsReader(folders["cells"]), ActivationReader(folders["activations"]).index()
    tokens, known = cells.tokens(), dict(cells.genes().select("token_id", "gene_id").iter_rows())
    kept = set(zip(index.cell_id.tolist(), index.position.tolist(), strict=True))
    expected = [
        (cell, place, known.get(int(token)), (cell, place) in kept)
        for cell in chosen
        for place, token in enumerate(tokens.cell(tokens.cell_id.tolist().index(cell)))
    ]
    assert made.read_table("cell_token").rows() == expected
    assert 0 < sum(row[3] for row in expected) < len(expected)  # special tokens are not kept


def test_a_cell_s_state_is_the_mean_of_its_positions(folders):
    reader = ActivationReader(folders["activations"])
    axes = read_axes(folders["activations"], folders["cells"])
    states = reader.load(2).double().numpy()
    expected = np.stack([states[axes.cell == cell].mean(axis=0) for cell in range(axes.cell_id.size)])
    assert mean_states(reader, 2, axes) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def beside_own_group(tmp_path, distance: float) -> float:
    """Share of 120 cells of two groups whose nearest cell on the map is of their own; groups lie ``distance`` apart."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(120) % 2, 10)
    hidden = rng.normal(size=(1200, 16)) + distance * group[:, None] * np.eye(16)[0]
    reader = ActivationReader(write_activations(tmp_path / f"a-{distance}", {0: hidden}))
    index = reader.index()
    ids, cell = np.unique(index.cell_id, return_inverse=True)
    axes = SimpleNamespace(cell=cell, cell_id=ids, cell_count=np.bincount(cell))
    frame = map_rows(reader, axes, 1000, seed=0)
    places = frame.select("x", "y").to_numpy()
    apart = ((places[:, None] - places[None]) ** 2).sum(-1) + np.diag(np.full(120, np.inf))
    near = apart.argmin(axis=1)
    return float((near % 2 == np.arange(120) % 2).mean())


def test_planted_groups_lie_apart_on_the_map_and_others_do_not(tmp_path):
    assert beside_own_group(tmp_path, 4.0) > 0.95
    assert 0.35 < beside_own_group(tmp_path, 0.0) < 0.65
