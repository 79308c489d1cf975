"""Figures of the overview: a value per layer, training curves, cells."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish, ink, integer_axis


def layer_bars(layers: pl.DataFrame, column: str, title: str, colour: str = BLUE) -> go.Figure:
    """One share per layer, on an axis from 0 to a little beyond 1 (or the largest value): a tiny share looks tiny."""
    bars = go.Bar(
        x=layers["layer"],
        y=layers[column],
        marker_color=colour,
        texttemplate="%{y:.2f}",
        textposition="outside",
        cliponaxis=False,
        customdata=layers.select("sae_id"),
        hovertemplate="%{customdata[0]}<br>%{y:.3f}<extra></extra>",
    )
    largest = max([1.0, *layers[column].drop_nulls()])
    return integer_axis(finish(go.Figure(bars), "Layer", title, 260)).update_yaxes(range=[0, 1.15 * largest])


def annotation_bars(summary: pl.DataFrame) -> go.Figure:
    """Annotated share of features per layer beside random gene sets of the same sizes, mean and SD, rule by rule."""
    bars = []
    for (rule,), rows in summary.sort("layer").group_by("rule", maintain_order=True):
        words = ", published rule" if rule == "published" else ""
        bars += _beside_null(rows, words, ORANGE if words else BLUE, 0.5 if words else 1.0)
    figure = integer_axis(finish(go.Figure(bars), "Layer", "Share annotated"))
    return figure.update_yaxes(tickformat=".1~%", rangemode="tozero")


def _beside_null(summary: pl.DataFrame, words: str, colour: str, opacity: float) -> list[go.Bar]:
    real = go.Bar(
        x=summary["layer"],
        y=summary["annotated_fraction"],
        name=f"features{words}",
        marker={"color": colour, "opacity": opacity},
        hovertemplate=f"layer %{{x}}: %{{y:.1%}}<extra>features{words}</extra>",
    )
    null = go.Bar(
        x=summary["layer"],
        y=summary["null_mean"],
        name=f"random gene sets{words}",
        marker={"color": GREY, "opacity": opacity},
        error_y={**_within_rates(summary), "color": ink()},
        hovertemplate=f"layer %{{x}}: %{{y:.1%}}<extra>random{words}</extra>",
    )
    return [real, null]


def _within_rates(summary: pl.DataFrame) -> dict[str, object]:
    """One standard deviation about the null's mean, cut at 0: no share is smaller."""
    down = summary.select(pl.min_horizontal("null_sd", "null_mean")).to_series()
    return {"symmetric": False, "array": summary["null_sd"], "arrayminus": down}


def layer_pair_map(pairs: pl.DataFrame) -> go.Figure:
    """Edges from source layer (down) to target layer (across), with the numbers written in."""
    table = pairs.pivot("target_layer", index="source_layer", values="n_edges").sort("source_layer")
    targets = sorted(pairs["target_layer"].unique().to_list())
    counts = table.select(str(t) for t in targets).to_numpy()
    heat = go.Heatmap(
        z=counts,
        x=[f"L{t}" for t in targets],
        y=[f"L{s}" for s in table["source_layer"]],
        colorscale="Blues",
        zmin=0,
        zmax=max(1, *pairs["n_edges"]),
        texttemplate="%{z:,}",
        colorbar={"title": "Edges"},
        hovertemplate="%{y} to %{x}: %{z:,} edges<extra></extra>",
    )
    return finish(go.Figure(heat), "Target layer", "Source layer", max(320, 140 + 60 * table.height))


def curves(points: pl.DataFrame, y: str) -> go.Figure:
    """Training curves, one a value of column ``name``."""
    figure = go.Figure()
    for (name,), line in points.group_by("name", maintain_order=True):
        figure.add_scatter(x=line["step"], y=line["value"], mode="lines", name=str(name), line={"width": 2})
    return finish(figure, "Optimiser step", y)


def with_baseline(figure: go.Figure, value: float, text: str) -> go.Figure:
    """A dashed line at the value that needs no model."""
    return figure.add_hline(y=value, line={"dash": "dash", "color": ORANGE}, annotation_text=text)


def cell_bars(cells: pl.DataFrame) -> go.Figure:
    """Cells per type, training and held-out ones stacked."""
    order = cells.group_by("label").agg(pl.col("n_cells").sum()).sort("n_cells", "label")["label"].to_list()
    figure = go.Figure()
    for split, colour in (("train", BLUE), ("heldout", ORANGE)):
        part = cells.filter(pl.col("split") == split)
        name = "training" if split == "train" else "held out"
        figure.add_bar(y=part["label"], x=part["n_cells"], name=name, orientation="h", marker_color=colour)
    figure.update_layout(barmode="stack")
    figure = finish(figure, "Cells", "", 160 + 26 * len(order))
    return figure.update_yaxes(type="category", categoryarray=order, categoryorder="array")


def library_bars(summary: pl.DataFrame) -> go.Figure:
    """Annotated features of every layer, a bar a library of gene sets, by the run's first rule."""
    own = summary.filter(pl.col("rule").eq_missing(summary["rule"][0]))
    figure = go.Figure()
    for (library,), part in own.sort("library", "layer").group_by("library", maintain_order=True):
        figure.add_bar(x=part["layer"], y=part["n_annotated"], name=str(library))
    return integer_axis(finish(figure.update_layout(barmode="group"), "Layer", "Annotated features", 340))
