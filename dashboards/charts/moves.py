"""Figures of groups of cells: how far they move, and how well the cells of other batches label them."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish

MEASURES = (("accuracy", "accuracy", BLUE), ("macro_f1", "macro F1", ORANGE))


def move_points(rows: pl.DataFrame) -> go.Figure:
    """How far each group moves, beside the range of random sets of features; query ``embedding_shift``."""
    names = rows.select(pl.format("{}: {}", "grouping", "member")).to_series()
    middle = (rows["random_low"] + rows["random_high"]) / 2
    spread = ((rows["random_high"] - rows["random_low"]) / 2).fill_null(0).to_list()
    figure = go.Figure()
    figure.add_scatter(
        x=names, y=middle, error_y={"type": "data", "array": spread, "width": 6, "color": GREY}, mode="markers",
        name="random features", marker={"color": GREY, "symbol": "line-ew-open", "size": 14},
    )  # fmt: skip
    figure.add_scatter(
        x=names, y=rows["distance"], mode="markers", name="chosen features", marker={"color": BLUE, "size": 9}
    )
    return finish(figure, "Group of cells", "Distance of the embeddings", 420).update_yaxes(rangemode="tozero")


def transfer_points(rows: pl.DataFrame) -> go.Figure:
    """Accuracy and macro F1 of every batch before and after features are changed; query ``label_transfer``."""
    names = rows.select(pl.format("{} ({})", "batch", "setting")).to_series()
    figure = go.Figure()
    for column, name, colour in MEASURES:
        above, below = rows[f"{column}_high"] - rows[column], rows[column] - rows[f"{column}_low"]
        error = {"type": "data", "array": above.fill_null(0).to_list(), "arrayminus": below.fill_null(0).to_list()}
        figure.add_scatter(
            x=names, y=rows[column], error_y=error, mode="markers", name=name, marker={"color": colour, "size": 9}
        )
    return finish(figure, "Batch", "Labels found by the cells of other batches", 420).update_yaxes(range=[0, 1])
