"""Files of figures: every kind of trace follows its data, equal figures give equal bytes, text is text."""

import re

import plotly.graph_objects as go
import pytest

from dashboards.pictures.draw import KINDS, picture
from dashboards.pictures.values import CannotDraw, colour, plain, written
from dashboards.style import finish, literal, readable
from tests.shared import ROOT


def sankey(value: float) -> go.Sankey:
    node = {"label": ["a", "b", "c"], "color": ["#0072B2"] * 3, "x": [0.01, 0.99, 0.99], "y": [0.5, 0.2, 0.8]}
    link = {"source": [0, 0], "target": [1, 2], "value": [value, 2.0], "color": ["#BDBDBD"] * 2}
    return go.Sankey(node=node, link=link)


TRACES = {
    "bar": lambda value: go.Bar(x=["a", "b"], y=[1.0, value], error_y={"array": [0.1, 0.2]}, texttemplate="%{y:.2f}"),
    "box": lambda value: go.Box(y=[1.0, 2.0, value], name="a", boxpoints="all", jitter=0.5),
    "heatmap": lambda value: go.Heatmap(z=[[1.0, value]], x=["a", "b"], y=["c"], texttemplate="%{z:.1f}"),
    "histogram": lambda value: go.Histogram(x=[1.0, 2.0, 2.0, value], nbinsx=4),
    "sankey": sankey,
    "scatter": lambda value: go.Scatter(x=[1, 2], y=[1.0, value], mode="lines+markers", name="a"),
    "scattergl": lambda value: go.Scattergl(
        x=[1, 2, 3], y=[1.0, 2.0, 3.0], mode="markers", marker={"color": [1.0, value, 9.0]}
    ),
}


def svg_of(trace: go.Figure) -> bytes:
    return picture(readable(literal(finish(go.Figure(trace), "x", "y"))), "svg", "one")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_one_other_value_is_another_picture_and_the_same_ones_the_same_bytes(kind: str) -> None:
    made = svg_of(TRACES[kind](3.0))
    assert made == svg_of(TRACES[kind](3.0))
    assert made != svg_of(TRACES[kind](4.0))


def test_all_kinds_of_traces_that_charts_use_can_be_drawn() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "dashboards" / "charts").glob("*.py"))
    used = {name.lower() for name in re.findall(r"go\.([A-Z]\w+)\(", code)} - {"figure"}
    used |= set(re.findall(r"\.add_(\w+)\(", code)) - {"trace", "traces", "hline", "vline", "annotation"}
    assert used <= KINDS


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(CannotDraw, match="violin"):
        picture(go.Figure(go.Violin(y=[1.0])), "svg")
    with pytest.raises(CannotDraw, match="in groups"):
        picture(go.Figure(go.Box(y=[1.0, 2.0], x=["a", "b"])), "svg")
    marked = go.Scatter(x=[1.0], y=[1.0], mode="markers", marker={"symbol": "hourglass"})
    with pytest.raises(CannotDraw, match="hourglass"):
        picture(go.Figure(marked), "svg")


def test_boxes_stand_where_their_ends_are_given() -> None:
    """From 25 to 75 %, in units of the file: a box of twice the spread is twice as long and starts where one ends."""
    ends = {
        "q1": [1.0, 2.0],
        "median": [1.5, 3.0],
        "q3": [2.0, 4.0],
        "lowerfence": [0.0, 0.0],
        "upperfence": [5.0, 5.0],
    }
    figure = finish(go.Figure(go.Box(y=["a", "b"], orientation="h", name="cells", showlegend=True, **ends)), "x", "")
    svg = picture(literal(figure.update_xaxes(range=[0, 5])), "svg").decode()
    paths = re.findall(r'<path d="([^"]*)" clip-path="[^"]*" style="fill: #0072b2; fill-opacity', svg)
    (low, high), (above, top) = (
        (min(across), max(across))
        for across in ([float(x) for x in re.findall(r"[ML] ([-\d.]+)", path)] for path in paths)
    )
    assert (top - above) == pytest.approx(2 * (high - low), rel=1e-3)
    assert above == pytest.approx(high)
    assert all(f">{name}<" in svg for name in ("a", "b", "cells"))


def test_points_in_groups_stand_beside_each_other() -> None:
    figure = go.Figure([go.Scatter(x=["a", "b"], y=[1.0, 1.0], mode="markers", offsetgroup=n) for n in "12"])

    def across() -> list[float]:
        groups = re.findall(r'<g id="PathCollection_\d+">(.*?)</g>', picture(figure, "svg").decode(), re.DOTALL)
        return sorted({round(float(x), 2) for group in groups for x in re.findall(r'd="M ([-\d.]+)', group)})

    first, second = across()
    figure.update_layout(scattermode="group")
    steps = [(x - first) / (second - first) for x in across()]
    assert steps == pytest.approx([-0.2, 0.2, 0.8, 1.2], abs=1e-3)


def test_text_is_text_in_every_place() -> None:
    name = "<script>alert(1)</script> $x_1$ & more"
    figure = finish(go.Figure(go.Bar(x=[name, "b"], y=[1.0, 2.0], name=name, showlegend=True)), "x", "y")
    svg = picture(literal(figure), "svg").decode()
    assert "<script" not in svg
    assert svg.count("&lt;script&gt;alert(1)&lt;/script&gt; $x_1$ &amp; more") == 2


def test_places_and_lengths_are_those_of_the_data() -> None:
    """A bar twice as long is drawn twice as long, in units of the file."""
    figure = finish(go.Figure(go.Bar(x=["a", "b"], y=[1.0, 2.0])), "x", "y").update_yaxes(range=[0, 4])
    bars = re.findall(r'<g id="patch_\d+">\s*<path d="M [\d.]+ ([\d.]+) \s*L [\d.]+ [\d.]+ \s*L [\d.]+ ([\d.]+)',
                      picture(literal(figure), "svg").decode())  # fmt: skip
    heights = sorted({round(abs(float(low) - float(high)), 1) for low, high in bars})
    assert any(abs(two - 2 * one) < 0.5 for one in heights for two in heights if one > 5)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(0.125, ".1~%", "12.5%"), (0.5, ".1~%", "50%"), (8468.0, ",", "8,468"), (0.02, "~g", "0.02"), (3.0, ",.0f", "3")],
)
def test_numbers_are_written_as_on_pages(value: float, form: str, text: str) -> None:
    assert written(value, form) == text


def test_words_of_plotly_are_read() -> None:
    assert plain("<b>L2_F1</b> a &lt;b&gt;<br>c") == "L2_F1 a <b>\nc"
    assert colour("rgba(255, 0, 0, 0.5)") == (1.0, 0.0, 0.0, 0.5)


def test_files_for_print_and_for_slides_are_made() -> None:
    figure = literal(finish(go.Figure(TRACES["bar"](3.0)), "x", "y"))
    assert picture(figure, "png").startswith(b"\x89PNG")
    assert picture(figure, "pdf").startswith(b"%PDF")
    assert picture(figure, "png") == picture(figure, "png")
    assert picture(figure, "png", dark=True) != picture(figure, "png")
