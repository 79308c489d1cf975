"""Labels and lists as files: what is written is read again, and what cannot be read is one line and no change."""

import csv
import io
from pathlib import Path

import pytest

from flows.cli.main import main
from warehouse import read_labels, run_user_sql
from warehouse.errors import QueryRefused
from warehouse.labels.entry import Entry, UnusableLabels, entry
from warehouse.labels.files import COLUMNS, MOST_BYTES, MOST_ROWS, as_text, from_bytes
from warehouse.labels.known import known_saes
from warehouse.labels.ledger import ledger_path
from warehouse.labels.store import import_labels, save

TEXTS = ["B cell", "=1+1", "'=1", "''@x", "'quoted'", "-", "+49", 'say "so"', "a,b;c", "<i>", "naïve", "'"]


def rows(sae: str = "L0") -> list[Entry]:
    labels = [{"kind": "label", "feature": n, "label": text, "note": f"{text}\n{text}"} for n, text in enumerate(TEXTS)]
    lists = [{"kind": "list", "feature": n, "list_name": text, "note": text} for n, text in enumerate(TEXTS)]
    return [entry(**one, sae_id=sae, author="anna", time="2026-11-30T12:00:00Z") for one in [*labels, *lists]]


def first_sae(home: Path) -> str:
    return min(sae.sae_id for saes in known_saes(home).values() for sae in saes)


@pytest.mark.parametrize("kind", [".csv", ".json"])
def test_what_is_written_is_read_again(kind: str) -> None:
    assert from_bytes(f"x{kind}", as_text(kind, rows()).encode()) == rows()
    assert from_bytes(f"x{kind}", b"\xef\xbb\xbf" + as_text(kind, rows()).encode()) == rows()


def test_no_field_of_a_csv_file_is_a_formula() -> None:
    fields = [field for row in csv.reader(io.StringIO(as_text(".csv", rows()))) for field in row]
    assert not [field for field in fields if field[:1] in ("=", "+", "-", "@")]


HEAD = "kind,sae_id,feature,label\n"
WRONG = [
    ("x.csv", "kind,sae_id,label\nlabel,L0,x\n", "column feature is missing"),
    ("x.csv", "kind,sae_id,feature,label,password\nlabel,L0,1,x,y\n", "column 'password' is unknown"),
    ("x.csv", "kind,feature,feature\nlabel,1,1\n", "a column stands there twice"),
    ("x.csv", "", "column kind is missing"),
    ("x.csv", f"{HEAD}label,L0,1\n", "row 1: has another number of fields"),
    ("x.csv", f"{HEAD}label,L0,1,a\nlabel,L0,2,b,c\n", "row 2: has another number of fields"),
    ("x.csv", f"{HEAD}label,L0,one,a\n", "row 1: feature"),
    ("x.csv", f"{HEAD}label,L0,1.5,a\n", "row 1: feature"),
    ("x.csv", f"{HEAD}note,L0,1,a\n", "row 1: kind"),
    ("x.csv", f'{HEAD}label,L0,1,"a\n', "is no CSV"),
    ("x.json", "[1]", "is no list of rows"),
    ("x.json", "{}", "is no list of rows"),
    ("x.json", "[" * 100_000, "is no JSON"),
    ("x.json", "[{", "is no JSON"),
    ("x.json", '[{"kind": "label", "feature": 1, "label": ["x"]}]', "row 1: label"),
    ("x.json", '[{"kind": "label", "feature": 1, "removed": true}]', "column 'removed' is unknown"),
    ("x.txt", "", r"ends in \.csv or \.json"),
    ("x.csv", "\udcff", "is no text in UTF-8"),
]


@pytest.mark.parametrize(("name", "text", "says"), WRONG)
def test_what_cannot_be_read_is_one_line(name: str, text: str, says: str) -> None:
    with pytest.raises(UnusableLabels, match=says) as refused:
        from_bytes(name, text.encode(errors="surrogateescape"))
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_files_have_a_size() -> None:
    with pytest.raises(UnusableLabels, match="larger than 5 MiB"):
        from_bytes("x.csv", b"x" * (MOST_BYTES + 1))
    head = ",".join(COLUMNS)
    with pytest.raises(UnusableLabels, match="10,001 rows; at most 10,000"):
        from_bytes("x.csv", "\n".join([head, *["label,,L0,0,1,x,,,,,,"] * (MOST_ROWS + 1)]).encode())


def test_an_import_is_taken_whole_or_not_at_all(home: Path) -> None:
    sae = first_sae(home)
    good = as_text(".csv", rows(sae)).encode()
    bad = as_text(".csv", [*rows(sae), entry(kind="label", sae_id=sae, feature=4_000, label="x")]).encode()
    with pytest.raises(UnusableLabels, match=rf"x\.csv, row {len(rows()) + 1}: .* and no feature 4000"):
        import_labels("x.csv", bad, home, "anna")
    assert not ledger_path(home).exists()
    done = import_labels("x.csv", good, home, "anna")
    assert (done.n_new, done.n_same) == (len(rows()), 0)
    assert len(ledger_path(home).read_text().splitlines()) == 1
    assert import_labels("x.json", as_text(".json", rows(sae)).encode(), home, "ben").n_same == len(rows())


def test_the_command_writes_and_reads(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(home))
    save(home, rows(first_sae(home)), "anna")
    before = read_labels(home)
    for name in ("x.csv", "x.json"):
        assert main(["labels", "export", str(home / name)]) == 0
        ledger_path(home).unlink()
        assert main(["labels", "import", str(home / name)]) == 0
        assert read_labels(home) == before
        assert main(["labels", "import", str(home / name)]) == 0
        assert "0 rows taken" in capsys.readouterr().out
    for words in (["import", "/nowhere.csv"], ["export", str(home / "x.txt")], ["import", str(home)]):
        assert main(["labels", *words]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_user_sql_reads_labels_as_tables_and_can_do_no_more(home: Path) -> None:
    empty = run_user_sql(home, "SELECT * FROM human_label")
    assert empty.num_rows == 0
    assert set(empty.column_names) <= set(COLUMNS)
    save(home, rows(first_sae(home)), "anna")
    joined = (
        "SELECT human_label.label, top_genes FROM Human_Label JOIN feature USING (sae_id, feature) ORDER BY feature"
    )
    assert run_user_sql(home, joined)["label"].to_pylist()[: len(TEXTS)] == TEXTS
    assert run_user_sql(home, "SELECT count(DISTINCT list_name) AS n FROM feature_list")["n"].to_pylist() == [
        len(TEXTS)
    ]
    for sql in (
        "DROP VIEW human_label",
        "INSERT INTO human_label VALUES (1)",
        f"SELECT * FROM human_label, read_text('{ledger_path(home)}')",
    ):
        with pytest.raises(QueryRefused):
            run_user_sql(home, sql)
