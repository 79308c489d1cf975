"""Text from files reaches every page as text: in titles, captions, tables, boxes and figures, on every tab."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards.menu import MENU
from dashboards.text import markdown
from tests.builders.markup import ELSEWHERE, MARK, hostile_copy
from tests.builders.thinned import thinned
from tests.dashboards.conftest import Open

# What the browser shows as it is: cells of tables, options of boxes, what was typed, code, JSON; figures are looked at
# apart, since Plotly reads a little HTML and no Markdown.
PLAIN = {"selectbox", "multiselect", "text_input", "text_area", "code", "json", "arrow_data_frame", "plotly_chart"}
TELLING = "SELECT sae_id, feature FROM feature WHERE label IS NOT NULL ORDER BY 1, 2 LIMIT 1"
TAGS = ("<a href=", "<img src=")  # all that counts where HTML is drawn: Markdown is text there
MARKDOWN = (f"]({ELSEWHERE}", *TAGS, " $x^2$", ":red[")


def strings(message: Message) -> Iterator[str]:
    """Every text of a message, at any depth."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from strings(one)
            elif isinstance(one, str):
                yield one


def shown(app: AppTest) -> Iterator[tuple[str, Message]]:
    """Kind and message of every element and block of a page."""
    for node in app._tree:
        if isinstance(proto := getattr(node, "proto", None), Message):
            yield node.type, proto


def assert_text_stays_text(app: AppTest, page: str) -> None:
    assert not app.exception, app.exception[0].value
    for kind, proto in shown(app):
        for text in set(strings(proto)) - {getattr(proto, "id", "")}:
            if kind == "plotly_chart":
                assert "<a href=" not in text.replace('\\"', '"'), f"{page}: {kind}: {text[:400]}"
            elif kind == "html":
                assert not [mark for mark in TAGS if mark in text], f"{page}: {kind}: {text[:400]}"
            elif kind not in PLAIN or text in help_of(proto):
                assert not [mark for mark in MARKDOWN if mark in text], f"{page}: {kind}: {text[:400]}"


def help_of(proto: Message) -> list[str]:
    return [getattr(proto, name, "") for name in ("help", "label")]


@pytest.fixture(scope="module")
def hostile_study(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_copy(published, tmp_path_factory.mktemp("markup") / "study")


@pytest.fixture(scope="module")
def hostile_atlas(atlas: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_copy(atlas, tmp_path_factory.mktemp("markup") / "atlas")


@pytest.mark.parametrize("page", thinned([page.name for page in MENU], 2))
@pytest.mark.parametrize("home", ["hostile_study", "hostile_atlas"])
def test_text_stays_text(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, open_page: Open, home: str, page: str
) -> None:
    folder = request.getfixturevalue(home)
    monkeypatch.setenv("SCFM_HOME", str(folder))
    with warehouse.open_snapshot(folder) as con:
        asked = dict(zip(("sae", "feature"), map(str, con.execute(TELLING).fetchall()[0]), strict=True))
    app = open_page(page, **(asked if page == "feature" else {}))
    assert app.title[0].value
    assert_text_stays_text(app, page)
    if page == "feature":  # it is there, with every mark escaped
        assert markdown(MARK) in app.title[0].value
    if page == "cell" and home == "hostile_study":
        assert any(escape(MARK) in element.proto.body for element in app.get("html"))
