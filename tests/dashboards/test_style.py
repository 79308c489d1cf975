"""Figures: ticks that can be read, pictures of a decent size and name, both themes; titles of the browser's tabs."""

import itertools

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from matplotlib.colors import to_rgb

from dashboards import style
from dashboards.behind import literal_of, written_in
from dashboards.charts.autoencoders import trade_off
from dashboards.launch import SETTINGS
from dashboards.links import tab_title
from dashboards.pictures.draw import PAPERS
from dashboards.style import CATEGORIES, finish, picture_config, readable


def test_ticks_of_logarithmic_axes_are_whole_numbers() -> None:
    figure = finish(go.Figure(), "Firing frequency", "Edges")
    figure.update_xaxes(type="log")
    figure.update_yaxes(type="log", tickformat=".0%")
    readable(figure)
    assert (figure.layout.xaxis.tickformat, figure.layout.yaxis.tickformat) == ("~g", ".0%")
    assert figure.layout.xaxis.nticks == 5
    assert readable(finish(go.Figure(), "x", "y")).layout.xaxis.tickformat is None


MISSING_CONES = {  # Machado, Oliveira and Fernandes 2009, severity 1: what light of red, green and blue becomes
    "all there": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
PAGES = {dark: SETTINGS[f"theme.{'dark' if dark else 'light'}.backgroundColor"] for dark in (False, True)}


def light(colour: str) -> np.ndarray:
    """Linear red, green and blue, from 0 to 1 (sRGB)."""
    parts = np.array(to_rgb(colour))
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.1 defines it."""
    low, high = sorted(float(TO_XYZ[1] @ light(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, cones: object) -> np.ndarray:
    """CIELAB, D65."""
    xyz = TO_XYZ @ np.clip(np.asarray(cones) @ light(colour), 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours: list[str]) -> float:
    """The least distance of two colours, to any kind of eye."""
    pairs = itertools.combinations(colours, 2)
    return min(
        float(np.linalg.norm(lab(one, cones) - lab(other, cones)))
        for one, other in pairs
        for cones in MISSING_CONES.values()
    )


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_the_page_and_text_can_be_read(dark: bool) -> None:
    assert min(contrast(colour, PAGES[dark]) for colour in CATEGORIES) >= 3
    assert contrast(style.WORDS[dark], PAGES[dark]) >= 4.5
    paper, ink = PAPERS[dark]
    assert contrast(ink, paper) >= 4.5
    assert np.allclose(to_rgb(paper), to_rgb(PAGES[dark]))
    assert contrast("#F0E442", "#FFFFFF") < 3 < contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_colour_blind_readers_tell_the_colours_apart() -> None:
    assert nearest(CATEGORIES[:7]) >= 12
    assert nearest(CATEGORIES) >= 8
    assert nearest(["#CC79A7", "#44AA99"]) < 5


def test_axes_and_scales_have_the_colour_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = [go.Heatmap(z=[[1.0]], colorscale="Blues"), go.Scatter(x=[1], y=[1], marker={"color": "black"})]
    assert finish(go.Figure(traces), "x", "y").layout.xaxis.tickfont.color == style.WORDS[False]
    monkeypatch.setattr(style, "is_dark", lambda: True)
    figure = finish(go.Figure(traces), "x", "y")
    assert figure.layout.yaxis.title.font.color == figure.data[0].colorbar.tickfont.color == style.WORDS[True]
    assert figure.data[1].marker.colorbar.tickfont.color is None


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


def test_tabs_of_the_browser_can_be_told_apart() -> None:
    assert tab_title("L2_F268 CD79A") == "L2_F268 CD79A · scfm-atlas"


def test_values_are_written_into_a_query_as_literals() -> None:
    params = {"run_id": "it's", "n": 3, "none": None, "yes": True, "list": ["a", 1.5]}
    sql = written_in("SELECT $run_id, $n, $none, $yes, $list", params)
    assert sql == "SELECT 'it''s', 3, NULL, true, ['a', 1.5]"
    assert literal_of("'; DROP TABLE run; --") == "'''; DROP TABLE run; --'"
