"""``scfm audit``: an answer to every question, whatever the run holds, and one line for a run that does not exist."""

import csv
import io
import json

import pytest

from flows.cli.main import main
from warehouse.claims.item import items

WORDS = {"supported", "not supported", "cannot be told"}


@pytest.fixture
def ask(mini_home, monkeypatch, capfd):
    """The command as a function of its words: exit status, output, errors."""
    monkeypatch.setenv("SCFM_HOME", str(mini_home))

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["audit", *words])
        return status, *capfd.readouterr()

    return run


def test_every_question_has_an_answer_and_what_to_run_next(ask):
    status, out, err = ask()
    assert (status, err) == (0, "")
    for item in items():
        assert (f"[{item.name}]" in out) != item.of_imports
    assert "NOT SUPPORTED" in out
    assert "Next: " in out


def test_answers_as_json_csv_and_table(ask):
    rows = json.loads(ask("--format", "json")[1])
    assert {row["verdict"] for row in rows} <= WORDS
    assert all(bool(row["next"]) == (row["verdict"] != "supported") for row in rows)
    assert all(row["because"].endswith(".") for row in rows)
    listed = list(csv.DictReader(io.StringIO(ask("--format", "csv")[1])))
    assert [row["item"] for row in listed] == [row["item"] for row in rows]
    assert f"({len(rows)} rows)" in ask("--format", "table")[1]


def test_numbers_are_those_of_the_gates(ask):
    rows = json.loads(ask("--numbers", "--format", "json")[1])
    zero = [row for row in rows if row["item"] == "zero_edit"]
    assert zero
    assert all(row["sound"] and row["passed"] and row["observed"] == 0 for row in zero)
    assert not any("nan" in row["why"] for row in rows)


def test_an_unknown_run_is_one_line_and_status_2(ask):
    status, out, err = ask("nowhere")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "run nowhere is not published" in err


def test_without_a_warehouse_it_is_one_line_and_status_2(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    assert main(["audit"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
