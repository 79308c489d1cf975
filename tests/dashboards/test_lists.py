"""Labels and lists on the pages: said on Feature, seen on Features, Lists and in the search, and text everywhere."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.text import markdown
from tests.builders.markup import MARK
from tests.dashboards.conftest import Open, writable_copy
from tests.dashboards.test_markup import assert_text_stays_text
from tests.dashboards.test_pages import texts
from warehouse.labels.entry import Spot, entry
from warehouse.labels.known import Known, known_saes
from warehouse.labels.labels import read_labels
from warehouse.labels.ledger import ledger_path
from warehouse.labels.store import save


@pytest.fixture
def home(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the published home, on which labels may be written."""
    writable_copy(published, tmp_path / "home")
    monkeypatch.setenv("SCFM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def sae(home: Path, layer: int) -> Known:
    return next(one for saes in known_saes(home).values() for one in saes if one.layer == layer)


def say(home: Path, layer: int, feature: int, **words: str) -> None:
    kind = "label" if "label" in words else "list"
    save(home, [entry(kind=kind, sae_id=sae(home, layer).sae_id, feature=feature, **words)], words.get("author", "ben"))


def frame_with(app: AppTest, column: str):
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_a_label_is_said_on_the_page_of_its_feature_and_edited_and_removed(home: Path, open_page: Open) -> None:
    key = f"{sae(home, 1).sae_key}.3"
    app = open_page("feature", sae=sae(home, 1).sae_id, feature="3")
    app.text_input(key=f"label_text.{key}").input("B cells at rest")
    app.text_input(key=f"label_author.{key}").input("anna")
    app.selectbox(key=f"label_sure.{key}").select("likely")
    app = press(app, "Save label")
    assert not app.exception
    assert "**B cells at rest** (likely), says anna" in texts(app)
    app.text_input(key=f"label_text.{key}").input("B cells")
    app = press(app, "Save label")
    assert "**B cells** (likely), says anna" in texts(app)
    assert [one.label for one in read_labels(home).said[Spot(sae(home, 1).sae_key, 3)]] == [
        "B cells at rest",
        "B cells",
    ]
    app = press(app, "Remove my label")
    assert not read_labels(home).labels
    assert "says anna" not in texts(open_page("feature", sae=sae(home, 1).sae_id, feature="4"))


def test_a_feature_is_put_into_a_list_and_the_list_is_a_filter(home: Path, open_page: Open) -> None:
    say(home, 1, 3, list_name="mine")
    say(home, 2, 4, list_name="mine")
    key = f"{sae(home, 1).sae_key}.5"
    app = open_page("feature", sae=sae(home, 1).sae_id, feature="5")
    app.selectbox(key=f"list_name.{key}").select("mine")
    app = press(app, "Add to list")
    assert not app.exception
    assert [spot.feature for spot in read_labels(home).lists["mine"]] == [3, 4, 5]
    say(home, 2, 4, label="mine as well")
    app = open_page("features", list="mine", alive="no")
    assert "**3** features match" in texts(app)
    shown = frame_with(app, "human_label")
    assert dict(zip(shown["feature"], shown["human_label"], strict=True)) == {3: None, 4: "mine as well", 5: None}
    assert "no list yours" in texts(open_page("features", list="yours"))


def test_the_search_finds_labels_of_the_run(home: Path, open_page: Open) -> None:
    say(home, 1, 3, label="Resting lymphocytes")
    app = open_page("runs")
    app = app.sidebar.text_input(key="search_everywhere").input("resting LYMPH").run()
    assert "**Your labels** (1)" in [text.value for text in app.sidebar.caption]
    links = [link.proto.label for link in app.sidebar.get("page_link")]
    assert f"L1_F3 {markdown('Resting lymphocytes')}" in links


def test_the_search_on_features_finds_what_people_say_of_them_and_why(home: Path, open_page: Open) -> None:
    say(home, 1, 3, label="Resting lymphocytes")
    say(home, 2, 4, label="unsure", note="perhaps RESTING lymphocytes", author="anna")
    say(home, 0, 5, label="elsewhere")
    app = open_page("features", search="resting LYMPH", alive="no")
    assert "**2** features match" in texts(app)
    table = frame_with(app, "matched")
    assert sorted(zip(table["layer"], table["feature"], strict=True)) == [(1, 3), (2, 4)]
    assert set(table["matched"]) == {"what people say"}


def test_a_list_is_shown_renamed_shortened_and_deleted(home: Path, open_page: Open) -> None:
    for feature in (7, 3, 5):
        say(home, 1, feature, list_name="mine", note=f"number {feature}")
    say(home, 1, 3, label="B cells")
    app = open_page("lists", list="mine")
    shown = frame_with(app, "list_note")
    assert shown["feature"].tolist() == [7, 3, 5]
    assert shown["list_note"].tolist() == ["number 7", "number 3", "number 5"]
    assert shown["human_label"].tolist() == [None, "B cells", None]
    assert any(code.value.endswith("&features=L1_F7,L1_F3,L1_F5") for code in app.main.code)
    app = app.multiselect(key="gone.mine").select(app.multiselect(key="gone.mine").options[1]).run()
    app = press(app, "Take out")
    assert frame_with(app, "list_note")["feature"].tolist() == [7, 5]
    app = app.text_input(key="rename.mine").input("ours").run()
    app = press(app, "Rename")
    assert app.query_params["list"] == "ours"
    assert app.subheader[0].value == "ours: 2 features"
    app = app.checkbox(key="sure.ours").check().run()
    app = press(app, "Delete")
    assert not app.exception
    assert not app.warning
    assert not read_labels(home).lists


def test_the_address_holds_a_list_up_to_a_length_and_it_is_kept(home: Path, open_page: Open) -> None:
    app = open_page("lists", features="L2_F4, L1_F3,L1_F3,L9_F1,<b>")
    assert "This run has no feature L9\\_F1, \\<b\\>" in app.warning[0].value
    shown = frame_with(app, "page")
    assert shown["page"].str.partition("#")[2].tolist() == ["L2_F4", "L1_F3"]
    app.text_input(key="keep_name").input("kept")
    app = press(app, "Keep")
    assert [spot.feature for spot in read_labels(home).lists["kept"]] == [4, 3]
    app = open_page("lists", features=",".join(f"L1_F{number}" for number in [3] * 150 + [4] * 60))
    assert "names 210 features; the first 200 are shown" in app.warning[0].value


def test_a_list_with_features_of_other_runs_says_so(home: Path, open_page: Open) -> None:
    say(home, 1, 3, list_name="mine")
    text = ledger_path(home).read_text()
    ledger_path(home).write_text(text + text.replace(sae(home, 1).sae_key, "L01-gone@0123456789abcdef"))
    app = open_page("lists", list="mine")
    assert not app.exception
    assert "1 feature of autoencoders that this run does not have" in texts(app)
    assert "**1** feature matches" in texts(open_page("features", list="mine", alive="no"))


def test_labels_are_text_on_every_page(home: Path, open_page: Open) -> None:
    name = MARK[:60]
    say(home, 1, 3, label=MARK[:120], note=MARK, author=name)
    say(home, 1, 3, label=MARK[:120], author="ben")
    say(home, 1, 3, list_name=name, note=MARK)
    pages = [("lists", {"list": name}), ("features", {"list": name}), ("lists", {"features": "L1_F3"})]
    for page, query in [*pages, ("feature", {"sae": sae(home, 1).sae_id, "feature": "3"})]:
        app = open_page(page, **query)
        assert_text_stays_text(app, page)
        app = app.sidebar.text_input(key="search_everywhere").input("elsewhere").run()
        assert_text_stays_text(app, page)


def test_a_home_that_cannot_be_written_shows_no_form(
    home: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(home, 1, 3, list_name="mine")
    monkeypatch.setattr("warehouse.labels.ledger.os.access", lambda *_: False)
    for page, query in (("feature", {}), ("lists", {"list": "mine"})):
        app = open_page(page, **query)
        assert not app.exception
        assert "can be read here and not changed" in texts(app)
        assert not [button for button in app.button if button.label in ("Save label", "Rename", "Import")]


def test_a_damaged_ledger_is_one_line(home: Path, open_page: Open) -> None:
    ledger_path(home).write_text("nonsense\n")
    app = open_page("lists")
    assert not app.exception
    assert "line 1 is no change of labels" in texts(app).replace("\\", "")


def test_a_file_is_imported_whole_or_refused_in_one_line(home: Path, open_page: Open) -> None:
    head, row = "kind,sae_id,feature,label\n", f"label,{sae(home, 1).sae_id}"
    app = open_page("lists")
    app = app.file_uploader[0].set_value(("x.csv", f"{head}{row},3,B\n{row},4000,C\n".encode(), "text/csv")).run()
    app = press(app, "Import")
    assert "row 2: " in app.error[0].value.replace("\\", "")
    assert not ledger_path(home).exists()
    app = app.file_uploader[0].set_value(("x.csv", f"{head}{row},3,B\n".encode(), "text/csv")).run()
    app = press(app, "Import")
    assert not app.error
    assert [one.label for one in read_labels(home).of(Spot(sae(home, 1).sae_key, 3))] == ["B"]
    assert "1 label" in [title.value for title in app.subheader]
