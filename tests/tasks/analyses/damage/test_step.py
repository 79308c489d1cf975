"""Step damage on folders: tables keep their contracts, whatever kills it, and bad requests are one line."""

import polars as pl
import pytest

from tasks.analyses.damage import work
from tasks.analyses.damage.step import DamageSettings, predicting
from tasks.models import load_prepared
from tasks.section import Sections
from tasks.store import RequestError, StepFolder
from tasks.trace.settings import TraceSettings
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.contract import assert_contract
from tests.builders.contract_frames import contract_frame, example_row
from tests.builders.killed import Killed, ended_after
from tests.builders.own_models import described
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders

LAYER, N_FEATURES = 1, 24
SETTINGS = DamageSettings(wanted=True, n_features=5, n_cells=6, caliper=1.0, criterion="published", n_draws=99)
TABLES = ("lm_damage", "damage_summary", "damage_test")


def write(folder, table, frame):
    with StepFolder.create(folder) as out:
        with out.unit("all") as unit:
            unit.table(table, frame)
        out.finish()
    return folder


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    folders = write_trace_folders(root, lengths=[24, 30, 27, 31, 26, 29, 24, 28], n_features=N_FEATURES)
    numbers = pl.DataFrame({"feature": range(N_FEATURES), "frequency": [(i + 1) / 100 for i in range(N_FEATURES)]})
    sae = example_row("sae", {"model": example_row("model", {})})
    columns = numbers.to_dict(as_series=False)
    feature = pl.concat([example_row("feature", {"sae": sae})] * N_FEATURES)
    feature = contract_frame("feature", feature.with_columns(**{name: pl.Series(own) for name, own in columns.items()}))
    degree = {"effect": "total", "criterion": "published", "direction": "out", "sae_id": "L01", "layer": LAYER}
    other = {"other_sae": "L02", "other_layer": 2}
    rows = [{**degree, **other, "feature": i, "degree": i * 7 % 24, "mean_abs_d": 0.5} for i in range(N_FEATURES)]
    return {
        "trace": {LAYER: write(root / "trace-1", "feature_degree", contract_frame("feature_degree", rows))},
        "describe": {LAYER: write(root / "describe-1", "feature", feature)},
        "sae": {LAYER: folders.saes[LAYER]},
        "model": folders.model,
        "cells": folders.cells,
    }


def run(reads, folder, **changes):
    settings = SETTINGS.model_copy(update=changes)
    return StepFolder.open(do_step("damage", settings, folder, TraceSettings(), layer=LAYER, **reads))


@pytest.fixture(scope="module")
def done(reads, tmp_path_factory):
    return run(reads, tmp_path_factory.mktemp("runs") / "damage-0123456789abcdef")


@pytest.mark.parametrize("table", TABLES)
def test_tables_keep_their_contracts(done, table):
    assert_contract(done.read_table(table), table)


def test_every_change_of_every_cell_has_a_row(done):
    cells = done.read_table("lm_damage")
    assert cells["cell_id"].n_unique() == 6
    per_cell = 3 * (5 + 1) + 5 + 1 + len(cells.filter(arm="matched")["place"].unique()) + 2
    assert cells.height == 6 * per_cell
    ablated = cells.filter("active", pl.col("change") == "ablated")
    assert (ablated["ce_ablated"] - ablated["ce_clean"]).abs().max() > 1e-4
    still = cells.filter(~pl.col("active") | (pl.col("change") == "zero"))
    assert still.height > 6
    assert still["ce_ablated"].to_list() == still["ce_clean"].to_list()


def test_killed_after_any_unit_the_tables_come_out_the_same(reads, done, tmp_path):
    for n_units in (0, 1, 3, 7):
        folder = tmp_path / f"damage-{n_units}"
        with pytest.raises(Killed), ended_after(n_units):
            run(reads, folder)
        again = run(reads, folder)
        for table in TABLES:
            assert again.read_table(table).equals(done.read_table(table))


def test_where_few_features_have_edges_there_are_no_hubs(reads, tmp_path):
    degrees = StepFolder.open(reads["trace"][LAYER]).read_table("feature_degree")
    few = write(
        tmp_path / "trace-1", "feature_degree", degrees.with_columns(degree=pl.col("degree") * (pl.col("feature") < 4))
    )
    found = run({**reads, "trace": {LAYER: few}}, tmp_path / "damage-1")
    assert found.info["hubs"] == "no 5 hubs: 3 sources have an edge by the rule published"
    assert [found.read_table(table).height for table in TABLES] == [0, 0, 0]


def test_hubs_without_a_match_are_measured_all_the_same(reads, done, tmp_path):
    found = run(reads, tmp_path / "damage-1", caliper=1e-12)
    assert found.info["n_unmatched"] == 5
    assert "hub_matched" not in found.read_table("damage_test")["test"].to_list()
    hubs = [each.read_table("lm_damage").filter(arm="hub") for each in (found, done)]
    assert hubs[0].equals(hubs[1])


def test_a_model_without_a_head_is_refused_in_one_line(reads, tmp_path, monkeypatch):
    adapter = load_prepared(reads["model"])
    adapter.predicts = "nothing"
    monkeypatch.setattr(work, "load_prepared", lambda *_: adapter)
    with pytest.raises(
        RequestError, match=r"damage reads what a model predicts of hidden genes, and .* predicts nothing"
    ):
        run(reads, tmp_path / "damage-1")


def asks(model, **changes):
    return predicting(Sections({"damage": SETTINGS.model_copy(update=changes), "model": model}), LAYER)


def test_files_that_show_a_silent_model_are_refused_before_anything_runs(tmp_path):
    own = ModelSettings(path=str(tmp_path), own=described(mask=None))
    with pytest.raises(RequestError, match=r"model\.own names no mask token: set model\.own\.mask"):
        asks(own)
    assert asks(own, wanted=False) == asks(ModelSettings()) == {}
