"""Figures: ticks that can be read, pictures of a decent size and name, both themes; titles of the browser's tabs."""

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboards import style
from dashboards.behind import literal_of, written_in
from dashboards.charts.autoencoders import trade_off
from dashboards.launch import SETTINGS
from dashboards.links import tab_title
from dashboards.strips import luminance
from dashboards.style import finish, picture_config, readable


def test_ticks_of_logarithmic_axes_are_whole_numbers() -> None:
    figure = finish(go.Figure(), "Firing frequency", "Edges")
    figure.update_xaxes(type="log")
    figure.update_yaxes(type="log", tickformat=".0%")
    readable(figure)
    assert (figure.layout.xaxis.tickformat, figure.layout.yaxis.tickformat) == ("~g", ".0%")
    assert figure.layout.xaxis.nticks == 5
    assert readable(finish(go.Figure(), "x", "y")).layout.xaxis.tickformat is None


def saes(l0: list[float]) -> pl.DataFrame:
    n = len(l0)
    same = {"variant": "topk", "n_features": 64, "seed": 0, "described": True, "name": "a", "sae_id": "b"}
    return pl.DataFrame({"l0": l0, "fvu": [0.1 * place for place in range(n)], **{k: [v] * n for k, v in same.items()}})


def test_an_axis_does_not_magnify_what_rounding_does() -> None:
    low, high = trade_off(saes([7.99978, 8.0, 8.0]), "fvu", "y").layout.xaxis.range
    assert 10**low < 6
    assert 10**high > 11
    assert trade_off(saes([4.0, 8.0, 16.0]), "fvu", "y").layout.xaxis.range is None
    assert trade_off(saes([8.0]), "fvu", "y").layout.xaxis.range is not None


def test_layers_are_not_joined_to_a_trend() -> None:
    assert {trace.mode for trace in trade_off(saes([8.0, 8.0]), "fvu", "y", joined=False).data} == {"markers"}
    assert {trace.mode for trace in trade_off(saes([8.0, 8.0]), "fvu", "y").data} == {"lines+markers"}


def test_the_camera_saves_a_large_picture_with_a_name_that_tells() -> None:
    saved = picture_config(finish(go.Figure(), "Firing frequency (share)", "Edges"))["toImageButtonOptions"]
    assert saved["scale"] == 3
    assert saved["filename"] == "overview_edges_firing_frequency_share"
    assert saved["format"] == "png"


def test_pages_follow_the_theme_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "theme.base" not in SETTINGS
    assert style.ink() == "black"
    monkeypatch.setattr(style, "is_dark", lambda: True)
    assert style.ink() == "white"
    assert style.paper(0.8).startswith("rgba(14,")


def test_colours_of_categories_stand_out_in_the_dark_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    assert style.categories() == style.CATEGORIES
    monkeypatch.setattr(style, "is_dark", lambda: True)
    assert list(finish(go.Figure(), "x", "y").layout.colorway) == style.categories()
    assert len(set(style.categories())) == len(style.CATEGORIES)
    page = luminance("rgb(23, 22, 20)")
    for colour in style.categories():
        own = luminance(f"rgb{tuple(bytes.fromhex(colour[1:]))}")
        assert (own + 0.05) / (page + 0.05) >= 3, colour  # WCAG 2.1, of what is no text


def test_tabs_of_the_browser_can_be_told_apart() -> None:
    assert tab_title("L2_F268 CD79A") == "L2_F268 CD79A · scfm-atlas"


def test_values_are_written_into_a_query_as_literals() -> None:
    params = {"run_id": "it's", "n": 3, "none": None, "yes": True, "list": ["a", 1.5]}
    sql = written_in("SELECT $run_id, $n, $none, $yes, $list", params)
    assert sql == "SELECT 'it''s', 3, NULL, true, ['a', 1.5]"
    assert literal_of("'; DROP TABLE run; --") == "'''; DROP TABLE run; --'"
