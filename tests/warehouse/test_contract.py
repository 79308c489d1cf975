"""Contracts: what they may say, and that all of them say it."""

import re

import pytest
from pydantic import ValidationError

from warehouse.contracts.contract import Column, Contract, checked_identifier, contracts

COLUMN = {"name": "a", "type": "DOUBLE", "meaning": "A number"}


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.table)
def test_contract_is_whole(contract):
    assert contract.columns[0].name == contract.key[0] == "run_id"
    assert len({column.name for column in contract.columns}) == len(contract.columns)
    assert len({check.name for check in contract.checks}) == len(contract.checks)
    for reference in contract.references:
        referred = contracts()[reference.table]
        for own, other in zip(reference.columns, reference.to, strict=True):
            assert contract.column(own).type == referred.column(other).type, f"{contract.table}.{own}"


@pytest.mark.parametrize("contract", contracts().values(), ids=contracts().keys())
def test_checks_name_each_table_behind_from_or_join(contract):
    """So that what a check reads is known, and it is asked again whenever rows of one of these tables are new."""
    for check in contract.checks:
        assert not re.search(r"\bFROM\s+\w+(\s+(AS\s+)?\w+)?\s*,", check.sql), check.name
        assert not re.search(r"\bJOIN\s+\w+(\s+AS\s+\w+)?\s*,", check.sql), check.name


def test_file_is_named_after_its_table():
    assert all(name == contract.table for name, contract in contracts().items())


def test_shard_columns_leave_out_the_stamp():
    assert next(column.name for column in contracts()["run"].shard_columns) == "study"


@pytest.mark.parametrize("name", ["", "Run", "a b", 'a"b', "a;drop", "1a", "naïve"])
def test_odd_identifiers_are_refused(name):
    with pytest.raises(ValueError, match="no identifier"):
        checked_identifier(name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "VARCHAR", "min": 0}, "min and max need a number"),
        ({"allowed": ["x"]}, "allowed needs VARCHAR"),
        ({"type": "TEXT"}, "Input should be"),
        ({"minimum": 0}, "Extra inputs"),
        ({"name": "A"}, "no identifier"),
        ({"nullable": True, "imported_null": True}, "of nullable, imported_null and imported_only give one"),
    ],
)
def test_contradictory_columns_are_refused(change, words):
    with pytest.raises(ValidationError, match=words):
        Column.model_validate({**COLUMN, **change})


def test_key_must_name_columns():
    with pytest.raises(ValidationError, match="table t has no column b"):
        Contract.model_validate({"table": "t", "meaning": "m", "key": ["b"], "columns": [COLUMN]})


def test_a_check_without_a_statement_that_breaks_it_does_not_load():
    check = {"name": "some_rows", "meaning": "m", "sql": "SELECT * FROM batch"}
    table = {"table": "t", "meaning": "m", "key": ["a"], "columns": [COLUMN]}
    assert Contract.model_validate({**table, "checks": [{**check, "breaks": "DELETE FROM t"}]})
    with pytest.raises(ValidationError, match=r"checks\.0\.breaks\n +Field required"):
        Contract.model_validate({**table, "checks": [check]})
