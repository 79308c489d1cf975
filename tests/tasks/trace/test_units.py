"""Donors as the unit of a trace: a planted circuit whose donors differ, and what the step says of its donors."""

import tomllib
from dataclasses import replace
from itertools import pairwise

import duckdb
import polars as pl
import pytest

from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError, StepFolder
from tasks.trace.inputs import load_inputs
from tasks.trace.settings import TraceSettings
from tasks.trace.step import outside
from tasks.trace.trace import LayerTrace
from tests.builders.contract import assert_contract
from tests.builders.contract_frames import CONTRACTS
from tests.builders.planted_donors import donor_circuit, named, trace_donors
from tests.builders.planted_trace import judge, most_false, settings_of
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders
from tests.tasks.trace.conftest import LENGTHS, SETTINGS

SIZES = (30, *(2,) * 9)  # cells of every donor
CIRCUIT = donor_circuit(SIZES, 5)
RULES = ("published", "calibrated", "specific")


@pytest.fixture(scope="module")
def by_unit(tmp_path_factory) -> dict[str, StepFolder]:
    root = tmp_path_factory.mktemp("runs")
    return {unit: trace_donors(CIRCUIT, SIZES, unit, 0, root / f"trace-{unit}") for unit in ("cell", "donor")}


def rates(judged, rule, false) -> tuple[float, float]:
    """Share of a rule's calls that are of the ``false`` kinds, and the share of the planted edges that it calls."""
    calls = judged.filter(rule)
    return calls["kind"].is_in(false).mean() or 0.0, judged.filter("edge")[rule].mean()


def test_donors_that_differ_make_edges_over_cells_and_none_over_donors(by_unit):
    judged = {unit: judge(CIRCUIT, folder) for unit, folder in by_unit.items()}
    nothing = ["donors differ"]
    for rule in ("calibrated", "specific"):
        assert rates(judged["cell"], rule, nothing)[0] > 0.2, rule
        false, recall = rates(judged["donor"], rule, nothing)
        assert false <= most_false(judged["donor"], rule), rule
        assert recall >= 0.95, rule


def test_specific_edges_stay_specific_over_donors(by_unit):
    judged = judge(CIRCUIT, by_unit["donor"])
    assert rates(judged, "calibrated", ["any size", "any direction"])[0] > 0.3
    false = rates(judged, "specific", ["any size", "any direction", "donors differ"])[0]
    assert false <= most_false(judged, "specific")


@pytest.mark.slow
def test_so_it_is_over_many_circuits(tmp_path):
    found: dict[str, list[tuple[float, float]]] = {"cell": [], "donor": []}
    for seed in range(1, 6):
        for unit, each in found.items():
            judged = judge(CIRCUIT, trace_donors(CIRCUIT, SIZES, unit, seed, tmp_path / f"trace-{unit}-{seed}"))
            each.append(rates(judged, "specific", ["any size", "any direction", "donors differ"]))
    false, recall = (sum(column) / 5 for column in zip(*found["donor"], strict=True))
    assert false <= 0.05
    assert recall >= 0.95
    assert sum(each[0] for each in found["cell"]) / 5 > 0.2


def test_tables_say_what_the_unit_is(by_unit):
    cells, donors = (by_unit[unit].read_table("edge_stat") for unit in ("cell", "donor"))
    assert cells["n_units"].null_count() == cells.height
    assert set(donors["n_units"]) == {10}
    assert cells["n_cells"].equals(donors["n_cells"])
    criteria = {unit: folder.read_table("criterion") for unit, folder in by_unit.items()}
    for unit, table in criteria.items():
        assert set(table["unit"]) == {unit}
    for meaning in criteria["donor"].filter(pl.col("criterion") != "specific")["meaning"]:
        assert "units (donor)" in meaning
        assert "mean over its cells" in meaning
    assert set(criteria["donor"]["nonzero_min"]) == {8}
    assert by_unit["donor"].info["units"] == "tested over 10 units by donor (least p 0.002)"
    assert "units" not in by_unit["cell"].info


def breaches(table: str, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Rows that a table's own checks refuse, by check."""
    checks = tomllib.loads((CONTRACTS / f"{table}.toml").read_text())["checks"]
    with duckdb.connect() as db:
        for name, frame in {"batch": frames[table], **frames}.items():
            db.register(name, frame.with_columns(run_id=pl.lit("run")))
        return {check["name"]: len(db.execute(check["sql"]).fetchall()) for check in checks}


def test_donors_pass_the_checks_of_the_tables(by_unit):
    frames = {name: by_unit["donor"].read_table(name) for name in ("edge_stat", "criterion", "effect_cell")}
    found = breaches("edge_stat", frames) | breaches("criterion", frames)
    assert "q_specific_is_benjamini_hochberg" in found
    assert not any(found.values()), found


def test_the_view_of_edges_calls_what_the_trace_counts(by_unit):
    query = (CONTRACTS.parent / "derived" / "edge.sql").read_text()
    for folder in by_unit.values():
        with duckdb.connect() as db:
            db.execute("CREATE SCHEMA stored")
            for name in ("edge_stat", "criterion"):
                db.register("rows", folder.read_table(name))
                db.execute(f"CREATE TABLE stored.{name} AS SELECT *, 'key' AS step_key FROM rows")
            edges = db.execute(query, {"step_key": "key"}).pl()
        degree = folder.read_table("feature_degree").filter(direction="out")
        for rule in RULES:
            assert edges.filter(criterion=rule).height == degree.filter(criterion=rule)["degree"].sum() > 0
        frames = {"edge": edges, "criterion": folder.read_table("criterion")}
        assert breaches("edge", frames)["passes_its_rule"] == 0


def obs_rows(donors) -> list[dict[str, object]]:
    return [
        {"cell_id": 3 * cell, "key": "donor", "value": donor, "number": None, "kind": "category"}
        for cell, donor in enumerate(donors)
    ]


def folders_with(root, donors):
    return write_trace_folders(root, lengths=LENGTHS, obs=obs_rows(donors))


def load(folders, **settings):
    given = TraceSettings(**{"unit": "donor", "n_cells": 12, "min_units": 3, **settings})
    return load_inputs(given, 1, folders.saes, folders.model, folders.cells, {}, "cpu")


@pytest.mark.parametrize(
    ("donors", "settings", "line"),
    [
        ("aabbccddeeff", {"unit": "doner"}, r"trace.unit: .* no obs column doner: did you mean donor\?"),
        ("aaaaaaaaaaaa", {}, "trace.unit: donor is a in every chosen cell"),
        ([None] * 12, {}, "trace.unit: donor is missing in every chosen cell"),
        (
            "aabbaabbabab",
            {},
            "12 cells to trace come from 2 units by donor, trace.min_units asks for 3: .* p of 2 is 0.5",
        ),
        (["a", "b"] + [None] * 10, {}, r"2 cells to trace \(10 more have none and are left out\) come from 2 units"),
    ],
)
def test_units_that_cannot_be_used_are_refused_before_anything_is_traced(tmp_path, donors, settings, line):
    with pytest.raises(RequestError, match=line):
        load(folders_with(tmp_path, list(donors)), **settings)


def test_a_column_that_is_not_kept_is_refused_before_anything_runs():
    def ask(unit, **cells):
        sections = Sections({"trace": TraceSettings(unit=unit), "cells": CellsSettings(**cells)})
        return outside(sections, 1)

    with pytest.raises(RequestError, match=r"trace.unit: donor is not kept: add it to cells.obs, which has batch"):
        ask("donor", obs=("batch",))
    assert ask("donor", obs=("donor",)) == ask("cell") == ask("cluster", label="cluster") == {}


def test_cells_without_a_unit_are_left_out_and_counted(tmp_path):
    donors = ["a", None, "b", "c", "d", "e", "f", None, "a", "b", "c", "d"]
    folders = folders_with(tmp_path / "study", donors)
    settings = SETTINGS.model_copy(update={"n_cells": 12, "unit": "donor", "min_units": 5})
    folder = StepFolder.open(do_step("trace", settings, tmp_path / "trace-1", layer=1, **folders.reads))
    assert set(folder.read_table("trace_pair")["cell_id"]) == set(range(0, 36, 3)) - {3, 21}
    edges = folder.read_table("edge_stat")
    for table in ("edge_stat", "criterion", "null_feature", "trace_control"):
        assert_contract(folder.read_table(table), table)
    frames = {name: folder.read_table(name) for name in ("edge_stat", "criterion")}
    assert not any(breaches("edge_stat", frames).values())
    few = edges["n_units"] < 5
    assert 0 < few.sum() < edges.height
    for name in ("p", "q", "n_perm", "n_exceed", "exact", "q_specific"):
        assert edges.filter(few)[name].null_count() == few.sum(), name
    tested = edges.filter(~few)
    assert tested["q"].null_count() == tested["p"].null_count() == 0
    by_layer = tested.sort("target_layer", "p").partition_by("target_layer")
    assert all(a <= b for part in by_layer for a, b in pairwise(part["q"]))  # of a family without the untested
    degrees = folder.read_table("feature_degree").filter(direction="out", layer=1)
    untested = edges.filter(few)["source_feature"].unique()
    assert degrees.filter(pl.col("feature").is_in(untested.to_list()))["degree"].sum() == 0
    said = folder.info["units"]
    assert said.startswith("tested over 6 units by donor (least p 0.031); 2 cells without donor left out; ")
    assert said.endswith(f"{len(untested)} features active in fewer than 5 units not tested")


def test_no_feature_in_enough_units_is_refused_before_anything_is_traced(tmp_path):
    inputs = replace(CIRCUIT.inputs(0), units=replace(named(SIZES), least=11))
    with StepFolder.create(tmp_path / "trace-1") as out:
        trace = LayerTrace(settings_of(CIRCUIT), inputs, out)
        with pytest.raises(RequestError, match="active in 11 of the 10 units by donor: lower"):
            trace.run()
        assert not out.shards("effect_cell")
