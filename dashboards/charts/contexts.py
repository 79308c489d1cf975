"""Figures of a feature's cells: boxes by cell type from kept quantiles, and maps of the cells."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, CATEGORIES, GREY, SEQUENTIAL, finish, ink

NONE = "no type"


def quantile_boxes(rows: pl.DataFrame) -> go.Figure:
    """One box per row of query ``feature_quantiles``, first on top: 25 to 75 %, whiskers 5 to 95 %, mark: highest."""
    names = [f"{row['label']} (n = {row['n_cells']:,})" for row in rows.iter_rows(named=True)]
    figure = go.Figure()
    for kind, name, colour in (("type", "cells of a type", BLUE), ("all", "all cells", GREY)):
        own = [place for place, one in enumerate(rows["kind"]) if one == kind]
        part, labels = rows[own], [names[place] for place in own]
        figure.add_box(
            y=labels, q1=part["q25"], median=part["median"], q3=part["q75"], lowerfence=part["q05"],
            upperfence=part["q95"], orientation="h", name=name, marker_color=colour,
        )  # fmt: skip
        figure.add_scatter(
            x=part["highest"], y=labels, mode="markers", showlegend=False, name="highest",
            marker={"color": colour, "symbol": "line-ns-open", "size": 9},
            customdata=part.select("n_active", "n_cells").rows(),
            hovertemplate="highest %{x:.3g}; fires in %{customdata[0]:,} of %{customdata[1]:,} cells<extra></extra>",
        )  # fmt: skip
    figure = finish(figure, "Mean activation in a cell", "", 130 + 30 * rows.height)
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1])
    return figure.update_layout(legend_traceorder="normal")


def fired_cells(cells: pl.DataFrame) -> go.Figure:
    """The map of all cells, those with a ``mean`` in its colour, strongest on top, the others grey."""
    other, known = cells.filter(pl.col("mean").is_null()), cells.drop_nulls("mean")
    figure = go.Figure(_points(other, {"color": GREY, "opacity": 0.3, "size": 4}, "other cells"))
    scale = {"color": known["mean"].to_list(), "colorscale": SEQUENTIAL, "cmin": 0, "showscale": True}
    marker = {
        **scale,
        "size": 9,
        "line": {"width": 1, "color": GREY},
        "colorbar": {"title": "Mean<br>activation", "thickness": 12},
    }
    figure.add_trace(_points(known, marker, "cells with kept activation", known["mean"].to_list()))
    return _bare(figure).update_layout(showlegend=False)


def cells_by_type(cells: pl.DataFrame, marked: int) -> go.Figure:
    """The map of all cells by type, the types of most cells in colours of their own; a ring around ``marked``."""
    named = cells.with_columns(group=pl.col("label").fill_null(NONE))
    sizes = named.filter(pl.col("group") != NONE)["group"].value_counts().sort(
        ["count", "group"], descending=[True, False]
    )  # fmt: skip
    colours = CATEGORIES[:-1]  # the last one is grey
    groups = sizes["group"].to_list()[: len(colours)]
    rest = named.filter(~pl.col("group").is_in(groups))
    figure = go.Figure(_points(rest, {"color": GREY, "opacity": 0.4, "size": 4}, "others") if rest.height else None)
    for group, colour in zip(groups, colours, strict=False):
        figure.add_trace(_points(named.filter(pl.col("group") == group), {"color": colour, "size": 4}, group))
    own = named.filter(pl.col("cell_id") == marked)
    ring = {"color": ink(), "size": 18, "symbol": "circle-open", "line": {"width": 3}}
    figure.add_trace(_points(own, ring, "this cell"))
    return _bare(figure).update_layout(legend_itemsizing="constant")


def _points(
    cells: pl.DataFrame, marker: dict[str, object], name: str, values: list[float] | None = None
) -> go.Scattergl:
    texts = cells.select("barcode", pl.col("label").fill_null(NONE)).rows()
    told = texts if values is None else [(*text, value) for text, value in zip(texts, values, strict=True)]
    value = "<br>mean activation %{customdata[2]:.3g}" if values else ""
    return go.Scattergl(
        x=cells["x"], y=cells["y"], mode="markers", name=name, marker=marker, customdata=told,
        hovertemplate=f"%{{customdata[0]}}<br>%{{customdata[1]}}{value}<extra></extra>",
    )  # fmt: skip


def _bare(figure: go.Figure) -> go.Figure:
    """Axes of a map, whose numbers mean nothing."""
    figure = finish(figure, "Map, first axis", "Map, second axis", 460)
    figure.update_xaxes(showticklabels=False, zeroline=False, showgrid=False)
    return figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False)
