"""The questions of the audit: declared in full, in words that can be read, with queries that keep to one form."""

from itertools import groupby

import pytest

from tests.builders.planted_claims import open_planted, plant
from warehouse.claims.item import FOLDER, KEYS, LEVELS, RULES, items, read_item
from warehouse.claims.schema import OTHERS, answerable
from warehouse.contracts.contract import contracts

GATE = ["run_id", "part", "sound", "passed", "observed", "bound", "why"]
GOOD = "\n".join(
    ["-- kind: Edges", "-- question: Is it?", "-- claim: It is.", "-- level: decoding", "-- rule: P1", "-- needs: edge",
     "-- next: Run", "--     it again.", "--", "-- A note.", "SELECT 1"]
)  # fmt: skip


def test_names_are_unique_and_required_questions_come_first():
    names = [item.name for item in items()]
    assert len(set(names)) == len(names) == len(list(FOLDER.glob("*.sql")))
    for place, item in enumerate(items()):
        assert set(item.requires) <= set(names[:place]), item.name


@pytest.mark.parametrize("item", items(), ids=lambda item: item.name)
def test_a_question_is_declared_in_full(item):
    assert item.question.endswith("?")
    assert item.claim.endswith(".")
    assert item.next.endswith(".")
    assert item.rule in RULES
    assert item.level in (*LEVELS, "none")
    assert item.needs


@pytest.fixture(scope="module")
def con():
    with open_planted() as con:
        plant(con, {"a": {}})
        yield con


@pytest.mark.parametrize("item", filter(answerable, items()), ids=lambda item: item.name)
def test_a_query_gives_the_columns_of_a_gate(con, item):
    found = con.execute(f"SELECT * FROM ({item.sql})")
    assert [column[0] for column in found.description] == GATE


@pytest.mark.parametrize("item", items(), ids=lambda item: item.name)
def test_a_query_reads_what_the_question_needs(item):
    tables = {name.partition(".")[0] for name in item.needs}
    assert tables & set(item.sql.replace("(", " ").split()), item.name
    assert tables <= {*contracts(), *OTHERS} or not answerable(item)


def test_a_kind_stands_together():
    kinds = [kind for kind, _ in groupby(item.kind for item in items())]
    assert len(kinds) == len(set(kinds))


def test_a_text_is_read_with_its_continued_lines():
    item = read_item("it", GOOD)
    assert item.next == "Run it again."
    assert item.sql == "-- A note.\nSELECT 1"
    assert item.requires == ()
    assert not item.of_imports


@pytest.mark.parametrize("key", [key for key in KEYS if f"-- {key}:" in GOOD])
def test_a_missing_line_is_named(key):
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"-- {key}:"))
    with pytest.raises(ValueError, match=key):
        read_item("it", text)


def test_an_unknown_line_level_or_rule_is_refused():
    with pytest.raises(ValueError, match="colour"):
        read_item("it", GOOD.replace("-- rule", "-- colour: red\n-- rule"))
    with pytest.raises(ValueError, match="no such level"):
        read_item("it", GOOD.replace("decoding", "proof"))
    with pytest.raises(ValueError, match="no such level"):
        read_item("it", GOOD.replace("P1", "P11"))


@pytest.mark.parametrize(
    ("needs", "has"),
    [("edge", True), ("edge.q, hub", True), ("edge.colour", False), ("coherence_of_the_future", False)],
)
def test_a_question_is_asked_of_tables_and_columns_that_exist(needs, has):
    assert answerable(read_item("it", GOOD.replace("needs: edge", f"needs: {needs}"))) == has


def test_a_question_that_this_version_cannot_ask_stays_open(con):
    rows = con.execute("SELECT item, verdict, because FROM claim_verdict WHERE run_id = 'a'").fetchall()
    said = {item: (verdict, because) for item, verdict, because in rows}
    for item in items():
        if not answerable(item):
            assert said[item.name][0] == "cannot be told"
            assert said[item.name][1].startswith("This version of the program does not make")
