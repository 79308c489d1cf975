"""Text from files is text: nothing in it is read as Markdown, as LaTeX, as a picture or as HTML."""

import plotly.graph_objects as go
import pytest

from dashboards.style import literal
from dashboards.text import NO_BREAK, counted, hover, markdown

HOSTILE = ["**bold**", "$x^2$", "[a](http://b)", "<b>x</b>", ":red[x]", "`code`", "# title", "a_b_c", "- item", "~~x~~"]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_mark_is_escaped_and_nothing_is_lost(text: str) -> None:
    shown = markdown(text)
    assert shown.replace("\\", "").replace(NO_BREAK, "") == text
    assert all(shown[place - 1] == "\\" for place, sign in enumerate(shown) if sign in "*$[]<>`#~_:" and place)


def test_names_of_pictures_are_parted_and_lines_joined() -> None:
    assert markdown(":smile:") == f"\\:{NO_BREAK}smile\\:"
    assert markdown("one\n\n# two") == "one \\# two"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http://b.c", ("http\\:", "//b\\.c")),
        ("HTTPS://b", ("HTTPS\\:", "//b")),
        ("www.b.c", ("www", "\\.b\\.c")),
        ("a@b.c", ("a@", "b\\.c")),
    ],
)
def test_bare_addresses_are_no_links(text: str, parts: tuple[str, str]) -> None:
    assert markdown(text) == NO_BREAK.join(parts)


def test_numbers_stand_beside_singular_or_plural() -> None:
    assert [counted(n, "feature") for n in (0, 1, 2, 1000)] == [
        "0 features",
        "1 feature",
        "2 features",
        "1,000 features",
    ]
    assert counted(1, "label", bold=True) == "**1** label"


def test_figures_show_labels_as_they_are() -> None:
    figure = go.Figure()
    figure.add_scatter(x=["<b>a</b>"], y=[1.5], name="<i>n</i>", customdata=[("A & B", None, 3)], text=["a<b"])
    figure.update_xaxes(categoryarray=["<b>a</b>"])
    trace = literal(figure).data[0]
    assert list(trace.x) == list(figure.layout.xaxis.categoryarray) == ["&lt;b&gt;a&lt;/b&gt;"]
    assert trace.name == hover("<i>n</i>")
    assert list(trace.customdata[0]) == ["A &amp; B", None, 3]
    assert list(trace.text) == ["a&lt;b"]
    assert list(trace.y) == [1.5]
