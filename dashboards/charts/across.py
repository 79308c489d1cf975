"""Figures of features of different layers: links, directions that last."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, finish, integer_axis


def highway_bars(pairs: pl.DataFrame) -> go.Figure:
    """Features of the earlier layer by pair of layers: living, linked, with a highway, with one by chance."""
    names = pairs.select(pl.format("L{} to L{}", "source_layer", "target_layer")).to_series()
    figure = go.Figure()
    for column, name, colour in (
        ("n_alive_source", "living", GREY),
        ("n_with_links", "with a link", BLUE),
        ("n_highways", "with a highway", ORANGE),
        ("n_highways_by_gene", "with one by their genes alone", GREEN),
    ):
        if not pairs[column].count():
            continue  # the published files do not say
        figure.add_bar(x=names, y=pairs[column], name=name, marker_color=colour)
    return finish(figure, "Layers", "Features of the earlier layer", 340)


def persistence_lines(rows: pl.DataFrame) -> go.Figure:
    """Matches with the next layer, and of the reference layer with each."""
    figure = go.Figure()
    for kind, name, colour in (("adjacent", "with the layer before", BLUE), ("long_range", "with layer 0", ORANGE)):
        part = rows.filter((pl.col("kind") == kind) & (pl.col("from_layer") != pl.col("to_layer")))
        figure.add_scatter(x=part["to_layer"], y=part["n_matches"], name=name, mode="lines+markers", line_color=colour)
    return integer_axis(finish(figure, "Layer", "Features with a like direction", 360)).update_yaxes(rangemode="tozero")


def persistence_rates(rows: pl.DataFrame) -> go.Figure:
    """Shares found again with their intervals, and beside them those of random dictionaries and of another seed."""
    figure = go.Figure()
    for kind, name, colour in (("adjacent", "in the next layer", BLUE), ("long_range", "in a later layer", ORANGE)):
        part = rows.filter(pl.col("kind") == kind)
        if not part.is_empty():
            rate = part["persistence_rate"]
            spread = {"array": part["high"] - rate, "arrayminus": rate - part["low"]}
            figure.add_scatter(
                x=_ends(part), y=rate, error_y=spread, name=name, mode="markers", marker={"color": colour, "size": 9}
            )
    for column, name, colour in (("seed_rate", "another seed, same layer", GREEN), ("null_rate", "random", GREY)):
        part = rows.filter(pl.col(column).is_not_null())
        if not part.is_empty():
            marker = {"color": colour, "symbol": "line-ew", "size": 16, "line": {"width": 3, "color": colour}}
            figure.add_scatter(x=_ends(part), y=part[column], name=name, mode="markers", marker=marker)
    figure.update_xaxes(type="category")
    return finish(figure, "Layers", "Share of features", 380).update_yaxes(rangemode="tozero", tickformat=".0%")


def _ends(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.format("L{} to L{}", "from_layer", "to_layer")).to_series()
