"""Figures of features beside principal axes: variance at equal budgets, shares of directions."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, finish, integer_axis

PUBLISHED = (("sae_variance", "autoencoder", BLUE), ("svd_variance", "50 singular vectors", GREY))
EQUAL = (
    ("sae_variance", "autoencoder", BLUE),
    ("pca_best", "best axes of each position", ORANGE),
    ("pca_equal_l0", "first axes", GREEN),
    ("neurons_best", "best neurons of each position", PURPLE),
)


def variance_bars(layers: pl.DataFrame, bars: tuple[tuple[str, str, str], ...]) -> go.Figure:
    """Shares of variance by layer; ``bars``: column, name and colour of each."""
    figure = go.Figure()
    for column, name, colour in bars:
        figure.add_bar(x=layers["layer"], y=layers[column], name=name, marker_color=colour)
    return integer_axis(finish(figure, "Layer", "Share of variance", 320))


def share_bars(shares: pl.DataFrame, rank: int) -> go.Figure:
    """Features by the share of their direction in the first ``rank`` axes, beside two kinds of random directions."""
    middle, width = (shares["lower"] + shares["upper"]) / 2, shares["upper"] - shares["lower"]
    figure = go.Figure()
    figure.add_bar(x=middle, y=shares["n_features"], width=width, name="features", marker_color=BLUE)
    for column, name, colour in (
        ("n_expected", "directions drawn evenly (Beta law)", GREY),
        ("n_matched", "random dictionary of the same covariance", ORANGE),
    ):
        figure.add_scatter(x=middle, y=shares[column], name=name, mode="lines", line={"color": colour, "shape": "hvh"})
    return finish(figure, f"Share of the direction in {rank} axes", "Features", 360).update_xaxes(range=[0, 1])
