"""Figures of changed cells: where the model puts them before and after, and metrics against the number of features."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, categories, finish

BAND = "rgba(140, 140, 140, 0.25)"
FAINT = "rgba(140, 140, 140, 0.45)"


def moved_cells(cells: pl.DataFrame, by: str) -> go.Figure:
    """Cells on the axes of their undisturbed embeddings: a line leads from where a cell was to where it is.

    ``cells``: x, y, new_x, new_y and the column ``by``, whose values have a colour each.
    """
    figure = go.Figure()
    gaps = [None] * cells.height
    x, y = ([one for row in zip(cells[old], cells[new], gaps, strict=True) for one in row] for old, new in ENDS)
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": FAINT, "width": 1}, name="the way of a cell", hoverinfo="skip"
    )
    named, colours = cells.with_columns(pl.col(by).fill_null("unknown")), categories()
    for number, (name,) in enumerate(named.select(by).unique().sort(by).rows()):
        part, colour = named.filter(pl.col(by) == name), colours[number % len(colours)]
        hollow = {"symbol": "circle-open", "size": 5, "color": colour, "opacity": 0.6}
        figure.add_scatter(
            x=part["x"], y=part["y"], mode="markers", marker=hollow, name=f"{name}, before", legendgroup=name,
            showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=part["new_x"], y=part["new_y"], mode="markers", marker={"size": 6, "color": colour}, name=name,
            legendgroup=name,
        )  # fmt: skip
    return finish(figure, "First principal axis", "Second principal axis", 520)


ENDS = (("x", "new_x"), ("y", "new_y"))


def metric_curve(rows: pl.DataFrame, title: str) -> go.Figure:
    """A metric against the number of changed features; grey: the range of random sets of features; lines: nothing
    changed, the reconstruction alone, and principal components of the counts.

    ``rows`` of query ``integration`` for one metric, one way of choosing features and one change, with those of the
    undisturbed embedding, of the reconstruction and of the PCA.
    """
    figure = go.Figure()
    clean = rows.filter(embedding="model", arm="clean")
    _add_band(figure, clean, rows.filter(arm="random"))
    for arm, name, colour, dash in (
        ("feature", "chosen features", BLUE, "solid"),
        ("direction", "random directions", GREEN, "dot"),
        ("covariance", "directions as states vary", SKY, "dot"),
    ):
        part = pl.concat([clean, rows.filter(arm=arm).sort("n_features", "draw")])
        if part.height <= clean.height:
            continue
        error = {
            "type": "data",
            "array": (part["high"] - part["score"]).clip(0),
            "arrayminus": (part["score"] - part["low"]).clip(0),
            "color": colour,
            "visible": arm == "feature",
        }
        figure.add_scatter(
            x=part["n_features"], y=part["score"], error_y=error, mode="lines+markers", name=name,
            line={"color": colour, "dash": dash},
        )  # fmt: skip
    for part, name, colour, corner in (
        (clean, "nothing changed", GREY, "top right"),
        (rows.filter(arm="reconstruction"), "reconstruction alone", PURPLE, "top left"),
        (rows.filter(embedding="pca"), "PCA of the counts", ORANGE, "bottom right"),
    ):
        if part.height and part["score"][0] is not None:
            line = {"line_color": colour, "line_dash": "dash", "annotation_text": name, "annotation_position": corner}
            figure.add_hline(y=part["score"][0], **line)
    return finish(figure, "Features changed", title, 420)


def _add_band(figure: go.Figure, clean: pl.DataFrame, random: pl.DataFrame) -> None:
    """The range of random sets by number of features, from nothing changed on."""
    if random.is_empty():
        return
    ranges = random.group_by("n_features").agg(low=pl.col("score").min(), high=pl.col("score").max())
    start = clean.select("n_features", low="score", high="score")
    band = pl.concat([start, ranges.sort("n_features")])
    figure.add_scatter(
        x=[*band["n_features"], *band["n_features"].reverse()],
        y=[*band["high"], *band["low"].reverse()],
        mode="lines",
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        name="random features alike",
        hoverinfo="skip",
    )
