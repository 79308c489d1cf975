"""Every expectation of every suite passes on good rows and fails on a planted bad one."""

import shutil
from dataclasses import replace
from datetime import datetime

import duckdb
import pytest

from tests.builders.thinned import thinned
from tests.warehouse.planting import plant_by_rule
from warehouse.audit import audit, audit_table
from warehouse.contracts.contract import contracts
from warehouse.load import insert_rows
from warehouse.scope import read_scope
from warehouse.suites import rules
from warehouse.validator import validator

OWN = [(contract, check) for contract in contracts().values() for check in contract.checks]

REFUSED = "refused"


@pytest.fixture(scope="module")
def runs(made, atlas):
    """The staged runs."""
    return [made.run["run_id"], atlas.run["run_id"]]


@pytest.fixture(scope="module")
def passed(staged, runs):
    """What the audit says of good rows, run by run."""
    return [result for run_id in runs for result in audit(staged, contracts(), run_id)]


@pytest.fixture(scope="module")
def good(staged, passed, tmp_path_factory):
    """Good rows in every table: the audit's own results are those of quality_result, beside those of a refused run."""
    path = tmp_path_factory.mktemp("good") / "good.duckdb"
    shutil.copyfile(staged, path)
    with duckdb.connect(str(path)) as con:
        run = con.sql("FROM run").pl().row(0, named=True)
        insert_rows(con, "quality_result", [one.row() for result in passed for one in result.of_each_step()])
        failed = replace(passed[0], run_id=REFUSED, step_key=REFUSED, success=False, n_unexpected=1)
        insert_rows(con, "quality_result", [failed.row()])
        about = {name: run[name] for name in ("study", "title")} | {
            "run_id": REFUSED,
            "step": "cells",
            "layer": None,
            "step_key": "0123",
        }
        told = {
            "step_key": "0123456789abcdef",
            "first_failure": "-",
            "withheld": False,
            "refused": datetime(2026, 1, 1),
        }
        insert_rows(con, "refused_step", [about | told])
    return path


def scope_of(path, run_id):
    with duckdb.connect(str(path), read_only=True) as con:
        return read_scope(con, run_id)


def results_of(path, table, scope):
    with validator(path) as source:
        return audit_table(source, contracts()[table], scope, dict.fromkeys((*scope.steps, scope.run_id), 1))


def test_good_rows_pass_every_check(passed, good, runs):
    tables = ["quality_result", "refused_step"]
    results = [*passed, *(result for run_id in (*runs, REFUSED) for result in audit(good, tables, run_id))]
    assert [str(result) for result in results if not result.success] == []
    assert {(r.table_name, r.check_name) for r in results} == {
        (contract.table, rule.check)
        for contract in contracts().values()
        for rule in rules(contract, scope_of(good, runs[0]))
    }


def test_every_table_of_the_good_rows_has_rows(good):
    with duckdb.connect(str(good), read_only=True) as con:
        assert [t for t in contracts() if not con.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0]] == []


@pytest.mark.parametrize("contract", thinned(contracts().values(), 4), ids=lambda contract: contract.table)
def test_a_bad_row_of_each_kind_fails_its_check(contract, good, tmp_path, monkeypatch):
    monkeypatch.setitem(contracts(), contract.table, contract.model_copy(update={"checks": ()}))
    bad = tmp_path / "bad.duckdb"
    with duckdb.connect(str(good), read_only=True) as con:  # bad rows are copies of the first one
        scope = read_scope(con, con.execute(first_owner(contract)).fetchone()[0])
    broken = plant_by_rule(good, bad, contract)
    if contract.filled_by != "warehouse" and len(scope.feeding([contract.table])) > 1:
        broken["key_in_run"] += 1
        plant_under_another_step(bad, contract, scope)
    results = {result.check_name: result for result in results_of(bad, contract.table, scope)}
    assert set(results) == set(+broken), "a rule without a canary, or a canary without its rule"
    assert [name for name, result in results.items() if result.success] == []
    assert [name for name, result in results.items() if not result.blamed and scope.steps] == []
    counted = {name: result.n_unexpected for name, result in results.items() if result.column_name or name == "finite"}
    assert counted == {name: broken[name] for name in counted}


def plant_under_another_step(bad, contract, scope):
    """Give a second step of the run the first stored row as well."""
    name = f'stored."{contract.table}"'
    with duckdb.connect(str(bad)) as con:
        (first,) = con.execute(f"SELECT step_key FROM {name} WHERE rowid = 0").fetchone()
        other = min(scope.feeding([contract.table]) - {first})
        con.execute(f"INSERT INTO {name} SELECT * REPLACE ($1 AS step_key) FROM {name} WHERE rowid = 0", [other])


def first_owner(contract) -> str:
    """The run of the first stored row."""
    if not contract.by_step:
        return f'SELECT run_id FROM "{contract.table}" LIMIT 1'
    return f"""
        SELECT run_id FROM stored.{contract.seen_through}
        WHERE step_key = (SELECT step_key FROM stored."{contract.table}" ORDER BY rowid LIMIT 1)
    """


@pytest.mark.parametrize(("contract", "check"), OWN, ids=[f"{contract.table}-{check.name}" for contract, check in OWN])
def test_an_own_check_fails_on_its_planted_row(contract, check, scopes, spoilt):
    """Asked of DuckDB itself, and taken back: how Great Expectations is asked is shown by the rules above."""
    spoilt.begin()
    try:
        spoilt.execute(check.breaks)
        found = [n_broken(spoilt, contract, check, scope) for scope in scopes]  # it spoils a row of one of them
    finally:
        spoilt.rollback()
    assert max(found) >= 1
    assert [n_broken(spoilt, contract, check, scope) for scope in scopes] == [0] * len(scopes)


@pytest.fixture(scope="module")
def scopes(good, runs):
    return [scope_of(good, run_id) for run_id in (*runs, REFUSED)]


@pytest.fixture(scope="module")
def spoilt(good, tmp_path_factory):
    """A copy of the good rows that may be spoilt in a transaction."""
    path = tmp_path_factory.mktemp("spoilt") / "spoilt.duckdb"
    shutil.copyfile(good, path)
    with duckdb.connect(str(path)) as con:
        con.execute("SET search_path = 'stored,main'")  # canaries change the stored rows
        yield con


def n_broken(con, contract, check, scope):
    """How many rows of a run break one of the table's own checks."""
    (rule,) = [rule for rule in rules(contract, scope) if rule.check == check.name]
    con.execute("SET search_path = 'main,stored'")
    found = con.execute(f"SELECT count(*) FROM ({rule.breaks})").fetchone()[0]
    con.execute("SET search_path = 'stored,main'")
    return found


@pytest.mark.parametrize(
    ("targets", "deltas"),
    [
        ("[]", "[]"),
        ("[1, 2]", "[0.5]"),
        ("[2, 1]", "[0.5, 0.5]"),
        ("[1, 1]", "[0.5, 0.5]"),
        ("[1, 2]", "[0.5, 0]"),
        ("[1, 2]", "[0.5, 'nan'::FLOAT]"),
    ],
)
def test_lists_of_archived_effects_are_held_together(targets, deltas, good, runs, tmp_path):
    bad = tmp_path / "bad.duckdb"
    shutil.copyfile(good, bad)
    with duckdb.connect(str(bad)) as con:
        con.execute(f"UPDATE stored.effect_cell SET targets = {targets}, deltas = {deltas} WHERE rowid = 0")
    results = results_of(bad, "effect_cell", scope_of(good, runs[0]))
    (result,) = [result for result in results if result.check_name == "lists_match"]
    assert result.n_unexpected == 1
