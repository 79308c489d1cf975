"""Every expectation of every suite passes on good rows and fails on a planted bad one."""

import shutil
from dataclasses import replace

import duckdb
import pytest

from tests.warehouse.planting import plant_by_rule
from warehouse.audit import audit, audit_table
from warehouse.contracts.contract import contracts
from warehouse.load import insert_rows
from warehouse.refusal import refusal_row
from warehouse.suites import Scope, expectations, name_of
from warehouse.validator import table_batch, validator

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
        insert_rows(con, "quality_result", [result.row() for result in passed])
        other = {**run, "run_id": REFUSED}
        failed = replace(passed[0], run_id=REFUSED, success=False, n_unexpected=1)
        insert_rows(con, "quality_result", [failed.row()])
        insert_rows(con, "refused_run", [refusal_row(other, [failed])])
    return path


def test_good_rows_pass_every_check(passed, good, runs):
    tables = ["quality_result", "refused_run"]
    results = [*passed, *(result for run_id in (*runs, REFUSED) for result in audit(good, tables, run_id))]
    assert [str(result) for result in results if not result.success] == []
    assert {(r.table_name, r.check_name) for r in results} == {
        (contract.table, name_of(check))
        for contract in contracts().values()
        for check in expectations(contract, Scope(runs[0]))
    }


def test_every_table_of_the_good_rows_has_rows(good):
    with duckdb.connect(str(good), read_only=True) as con:
        assert [t for t in contracts() if not con.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0]] == []


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.table)
def test_a_bad_row_of_each_kind_fails_its_check(contract, good, tmp_path):
    bad = tmp_path / "bad.duckdb"
    broken = plant_by_rule(good, bad, contract)
    with duckdb.connect(str(good), read_only=True) as con:  # bad rows are copies of the first one
        scope = Scope(con.execute(f'SELECT run_id FROM "{contract.table}" LIMIT 1').fetchone()[0])
    own = {check.name for check in contract.checks}
    checks = [check for check in expectations(contract, scope) if name_of(check) not in own]
    with validator(bad) as source:
        batch = table_batch(source, contract.table, scope.rows(contract.table))
        results = {r.check_name: r for r in audit_table(batch, contract, checks, scope.run_id, 1)}
    assert set(results) == set(+broken), "a rule without a canary, or a canary without its rule"
    assert [name for name, result in results.items() if result.success] == []
    counted = {name: result.n_unexpected for name, result in results.items() if result.column_name or name == "finite"}
    assert counted == {name: broken[name] for name in counted}


@pytest.mark.parametrize(("contract", "check"), OWN, ids=[f"{contract.table}-{check.name}" for contract, check in OWN])
def test_an_own_check_fails_on_its_planted_row(contract, check, good, runs, tmp_path):
    bad = tmp_path / "bad.duckdb"
    shutil.copyfile(good, bad)
    with duckdb.connect(str(bad)) as con:
        con.execute(check.breaks)
    failed = []
    for one in map(Scope, (*runs, REFUSED)):  # the canary spoils a row of one of them
        wanted = [check_of for check_of in expectations(contract, one) if name_of(check_of) == check.name]
        with validator(bad) as source:
            batch = table_batch(source, contract.table, one.rows(contract.table))
            results = audit_table(batch, contract, wanted, one.run_id, 1)
        failed += [result for result in results if not result.success]
    assert failed
    assert all(result.n_unexpected >= 1 and result.sample_rows != "[]" for result in failed)


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
        con.execute(f"UPDATE effect_cell SET targets = {targets}, deltas = {deltas} WHERE rowid = 0")
    scope = Scope(runs[0])
    wanted = [one for one in expectations(contracts()["effect_cell"], scope) if name_of(one) == "lists_match"]
    with validator(bad) as source:
        batch = table_batch(source, "effect_cell", scope.rows("effect_cell"))
        (result,) = audit_table(batch, contracts()["effect_cell"], wanted, scope.run_id, 1)
    assert result.n_unexpected == 1
