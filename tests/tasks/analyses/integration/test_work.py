"""The step on folders: contracts, order of settings, one batch, rare types, resume, and bad requests."""

import re

import numpy as np
import polars as pl
import pytest

from tasks.analyses.integration.names import BIOLOGY, METRICS, MIXING
from tasks.analyses.integration.step import STEP, IntegrationSettings
from tasks.step import Layers
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.builders.planted_batches import batch_points
from tests.builders.shift_folders import write_shift
from tests.builders.steps import do_step

SETTINGS = IntegrationSettings(wanted=True, n_components=5, kbet_neighbours=20, lisi_neighbours=30, n_draws=20)
N = 100


def embeddings():
    """Batches far apart, nearer, and as one."""
    return {name: batch_points(N, strength=by)[0] for name, by in (("clean", 3.0), ("half", 1.0), ("whole", 0.0))}


def names():
    sample = batch_points(N)[1]
    return ["ABC"[one] for one in sample.label], ["xy"[one] for one in sample.batch]


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    return write_shift(tmp_path_factory.mktemp("study"), embeddings(), *names())


def run(reads, folder, settings=SETTINGS):
    return StepFolder.open(do_step("integration", settings, folder, layer=1, **reads))


@pytest.fixture(scope="module")
def done(reads, tmp_path_factory):
    return run(reads, tmp_path_factory.mktemp("runs") / "integration-0123456789abcdef")


@pytest.mark.parametrize("table", STEP.tables)
def test_tables_keep_their_contract_and_have_rows(done, table):
    frame = done.read_table(table)
    assert_contract(frame, table)
    assert frame.height > 0


def test_every_embedding_has_every_metric(done):
    rows = done.read_table("integration_metric")
    assert rows.group_by("embedding", "setting").len()["len"].to_list() == [len(METRICS)] * 4
    assert rows.filter(pl.col("value").is_null()).is_empty()
    assert rows.filter(embedding="pca")["change"].null_count() == len(METRICS)
    clean = rows.filter(embedding="model", setting="clean")
    assert set(clean["change"]) == set(clean["change_low"]) == set(clean["change_high"]) == {0.0}


def test_metrics_order_the_strength_of_batches(done):
    rows = done.read_table("integration_metric").filter(embedding="model")
    for metric in ("total", "batch_correction", "ilisi", "bras", "kbet"):
        values = dict(rows.filter(metric=metric).select("setting", "value").iter_rows())
        assert values["clean"] < values["half"] < values["whole"], metric


def test_totals_are_weighed_means(done):
    for _, part in done.read_table("integration_metric").group_by("embedding", "setting"):
        value = dict(part.select("metric", "value").iter_rows())
        assert value["biology"] == pytest.approx(np.mean([value[name] for name in BIOLOGY]))
        assert value["batch_correction"] == pytest.approx(np.mean([value[name] for name in MIXING]))
        assert value["total"] == pytest.approx(0.6 * value["biology"] + 0.4 * value["batch_correction"])


def test_label_transfer_is_told_by_batch(done):
    rows, whole = done.read_table("label_transfer"), done.read_table("integration_metric")
    assert set(rows["batch"]) == {"x", "y"}
    for (embedding, setting), part in rows.group_by("embedding", "setting"):
        for metric in ("accuracy", "macro_f1"):
            (value,) = whole.filter(embedding=embedding, setting=setting, metric=metric)["value"]
            assert value == pytest.approx(part[metric].mean())


def test_of_one_batch_the_reason_stands_in_place_of_numbers(tmp_path):
    done = run(write_shift(tmp_path, embeddings(), names()[0], ["x"] * N), tmp_path / "integration-1")
    rows = done.read_table("integration_metric").filter(embedding="model", setting="clean")
    lacking = dict(rows.filter(pl.col("value").is_null()).select("metric", "reason").iter_rows())
    assert {lacking[name] for name in ("accuracy", "macro_f1", *MIXING)} == {"all cells are of one batch"}
    assert lacking["total"] == "without bras, ilisi, kbet, graph_connectivity, pcr"
    assert "leiden_nmi" not in lacking
    assert done.read_table("label_transfer").is_empty()
    assert_contract(done.read_table("integration_metric"), "integration_metric")


def test_of_one_type_the_reason_stands_in_place_of_numbers(tmp_path):
    done = run(write_shift(tmp_path, embeddings(), ["A"] * N, names()[1]), tmp_path / "integration-1")
    rows = done.read_table("integration_metric").filter(embedding="model", setting="clean")
    lacking = dict(rows.filter(pl.col("value").is_null()).select("metric", "reason").iter_rows())
    assert {lacking[name] for name in BIOLOGY} == {"all cells are of one type"}
    assert lacking["total"].startswith("without isolated_labels, leiden_nmi")


def test_a_type_with_one_cell_and_cells_without_a_label_are_left_out(tmp_path, capsys):
    label, batch = names()
    label[:3] = ["rare", None, label[2]]
    batch[2] = None
    done = run(write_shift(tmp_path, embeddings(), label, batch), tmp_path / "integration-1")
    assert done.info["n_left_out"] == 3
    assert done.info["n_labels"] == 3
    assert "leaves out cell types of fewer than 5 embedded cells: rare" in capsys.readouterr().err


def test_too_few_cells_are_refused_in_one_line(reads, tmp_path):
    wide = SETTINGS.model_copy(update={"lisi_neighbours": 100})
    message = (
        "integration looks at 100 neighbours, and 100 of 100 embedded cells have a batch and a cell type of 5 cells"
    )
    with pytest.raises(RequestError, match=re.escape(message)) as refused:
        run(reads, tmp_path / "integration-1", wide)
    assert len(str(refused.value).splitlines()) == 1


def test_without_step_shift_there_is_nothing_to_compare():
    with pytest.raises(RequestError, match=re.escape("set shift.wanted = true and shift.batch")):
        STEP.layers(SETTINGS, Layers([0, 1], {}))
    assert STEP.layers(SETTINGS, Layers([0, 1], {"shift": [1]})) == [1]


def test_killed_after_any_unit_the_same_comes_out(reads, done, tmp_path):
    for n_units in (0, 2):
        folder = tmp_path / f"integration-{n_units}"
        with pytest.raises(Killed), ended_after(n_units):
            run(reads, folder)
        assert shard_hashes(run(reads, folder).path) == shard_hashes(done.path)
