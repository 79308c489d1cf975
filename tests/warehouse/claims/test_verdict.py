"""How parts make a verdict, on invented gates."""

import duckdb
import pytest

from warehouse.claims.schema import VIEWS

S, F, U, M = (True, True), (True, False), (False, True), (True, None)  # sound and passed, failed, unsound, missing
CASES = {
    "all_pass": ([S, S], "supported"),
    "one_fails": ([S, F, S], "not supported"),
    "one_fails_another_is_unsound": ([F, U], "not supported"),
    "frozen_null_that_passes": ([S, U], "cannot be told"),
    "frozen_null_that_fails": ([S, (False, False)], "cannot be told"),
    "number_is_missing": ([S, M], "cannot be told"),
    "nothing": ([], "cannot be told"),
}


@pytest.fixture(scope="module")
def con():
    """Tables in place of the views that verdicts are made of."""
    with duckdb.connect() as con:
        con.execute("CREATE TABLE run (run_id VARCHAR, imported BOOLEAN)")
        con.execute("INSERT INTO run VALUES ('own', false), ('import', true)")
        con.execute(
            "CREATE TABLE claim_item (place INTEGER, item VARCHAR, kind VARCHAR, question VARCHAR, claim VARCHAR, "
            "level VARCHAR, rule VARCHAR, needs VARCHAR, next VARCHAR, requires VARCHAR[], of_imports BOOLEAN, "
            "answerable BOOLEAN)"
        )
        con.execute(
            "CREATE TABLE claim_gate (run_id VARCHAR, item VARCHAR, part VARCHAR, sound BOOLEAN, passed BOOLEAN, "
            "observed DOUBLE, bound DOUBLE, why VARCHAR)"
        )
        for name, (parts, _) in CASES.items():
            add(con, name, parts)
        for name, parts in {"machinery": [S], "machinery_fails": [F], "machinery_open": [U]}.items():
            add(con, name, parts)
            add(con, f"after_{name}", [S], requires=[name])
        add(con, "fails_after_machinery_fails", [F], requires=["machinery_fails"])
        add(con, "of_later_versions", [], answerable=False)
        add(con, "of_files", [], of_imports=True)
        con.execute((VIEWS / "claim_verdict.sql").read_text())
        yield con


def add(con, name, parts, requires=(), answerable=True, of_imports=False):
    """A question and the parts of its claim in the run made here."""
    con.execute(
        "INSERT INTO claim_item "
        "VALUES (0, $name, 'k', 'q?', 'c.', 'none', 'P0', 'edge', 'Do it.', $requires, $of, $can)",
        {"name": name, "requires": list(requires), "of": of_imports, "can": answerable},
    )
    for number, (sound, passed) in enumerate(parts):
        values = {"name": name, "part": f"L{number:02d}-topk", "sound": sound, "passed": passed}
        con.execute("INSERT INTO claim_gate VALUES ('own', $name, $part, $sound, $passed, 1, 2, 'reason')", values)


def verdict(con, name, run_id="own"):
    asked = "SELECT verdict, because, next, n_parts, n_passed FROM claim_verdict WHERE item = ? AND run_id = ?"
    return con.execute(asked, [name, run_id]).fetchall()[0]


@pytest.mark.parametrize("name", CASES)
def test_parts_make_the_verdict(con, name):
    parts, expected = CASES[name]
    found, _, further, n_parts, n_passed = verdict(con, name)
    assert found == expected
    assert (n_parts, n_passed) == (len(parts), parts.count(S))
    assert (further is None) == (expected == "supported")


def test_reasons_are_those_that_decide_with_autoencoders_by_layer(con):
    assert verdict(con, "one_fails")[1] == "L01: reason."
    assert verdict(con, "all_pass")[1] == "L00: reason; L01: reason."
    assert verdict(con, "frozen_null_that_passes")[1] == "L01: reason."
    assert verdict(con, "nothing")[1] == "The run has no rows that answer it (edge)."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("after_machinery", "supported"),
        ("after_machinery_fails", "cannot be told"),
        ("after_machinery_open", "cannot be told"),
        ("fails_after_machinery_fails", "cannot be told"),
    ],
)
def test_nothing_can_be_told_after_machinery_that_does_not_work(con, name, expected):
    found, because, further, *_ = verdict(con, name)
    assert found == expected
    assert (found == "supported") == (further is None)
    assert ("Another question comes first: machinery" in because) == (found != "supported")


def test_imports_are_told_what_the_files_lack_and_asked_more(con):
    assert verdict(con, "nothing", "import")[:3] == (
        "cannot be told",
        "The published files hold nothing that answers it (edge).",
        "In a study of your own: Do it.",
    )
    assert verdict(con, "of_files", "import")[2] == "Do it."
    assert con.execute("SELECT * FROM claim_verdict WHERE item = 'of_files' AND run_id = 'own'").fetchall() == []
    assert verdict(con, "of_later_versions")[1] == "This version of the program does not make edge."
