"""Figures of circuits: degree beside what could explain it, direct effects, thresholds, null and controls."""

from typing import NamedTuple

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, finish, integer_axis

CONTROLS = {
    "real": BLUE, "frequency_matched": ORANGE, "covariance_matched": PURPLE, "random_direction": RED, "zero": GREY,
    "published_noise": GREEN, "reconstruction": SKY,
}  # fmt: skip
SWEEP_FORMATS = {"n_edges": ",.0f", "fdr": ".2f", "rank_rho": ".2f", "top20_overlap": ".0f"}


class Measure(NamedTuple):
    """A number of a feature that could explain its degree."""

    column: str
    title: str
    hover: str


FREQUENCY = Measure("frequency", "Firing frequency (share of gene positions)", "fires on %{x:.3%}")
POSITIONS = Measure("n_positions", "Active positions at which it was ablated", "%{x:,} active positions")


def degree_scatter(features: pl.DataFrame, direction: str, against: Measure) -> go.Figure:
    """Edges of a feature against ``against``: how often it fires, or at how many positions it was ablated."""
    texts = features.select(
        pl.format("L{}_F{}", "layer", "feature"), pl.col("top_genes").fill_null("none"), pl.col("label").fill_null("")
    )
    points = go.Scattergl(
        x=features[against.column],
        y=features["degree"],
        mode="markers",
        marker={"color": BLUE, "size": 7, "opacity": 0.65},
        customdata=texts.rows(),
        hovertemplate=f"%{{customdata[0]}}: %{{y}} edges, {against.hover}<br>"
        "%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
    title = "Edges leaving the feature" if direction == "out" else "Edges reaching the feature"
    figure = finish(go.Figure(points), against.title, title, 360)
    return figure.update_xaxes(type="log").update_yaxes(rangemode="tozero")


def sweep_map(sweep: pl.DataFrame, column: str, title: str) -> go.Figure:
    """A quantity over the grid of thresholds, numbers written in."""
    table = sweep.pivot("effect_min", index="consistency_min", values=column).sort("consistency_min")
    minima = sorted(sweep["effect_min"].unique().to_list())
    heat = go.Heatmap(
        z=table.select(str(m) for m in minima).to_numpy(),
        x=[f"{m:g}" for m in minima],
        y=[f"{m:g}" for m in table["consistency_min"]],
        colorscale="Oranges" if column == "fdr" else "Blues",
        zmin=0,
        zmax=sweep[column].max(),
        texttemplate=f"%{{z:{SWEEP_FORMATS[column]}}}",
        colorbar={"title": title},
        hovertemplate="|d| above %{x}, agreement above %{y}: %{z}<extra></extra>",
    )
    figure = finish(go.Figure(heat), "Smallest |d|", "Smallest sign agreement", 340)
    return figure.update_xaxes(type="category").update_yaxes(type="category")


def null_scatter(features: pl.DataFrame) -> go.Figure:
    """Edges observed against edges expected by chance, one point a source feature."""
    texts = features.select(pl.format("L{}_F{}", "source_layer", "source_feature"), "n_cells").rows()
    points = go.Scattergl(
        x=features["expected_null"],
        y=features["observed"],
        mode="markers",
        name="source feature",
        marker={
            "color": features["n_cells"].to_list(),
            "colorscale": "Viridis",
            "size": 7,
            "colorbar": {"title": "Cells"},
        },
        customdata=texts,
        hovertemplate="%{customdata[0]} (%{customdata[1]} cells): %{y} observed, %{x:.1f} by chance<extra></extra>",
    )
    top = max(features["expected_null"].max() or 0, 1)
    line = go.Scatter(
        x=[0, top], y=[0, top], mode="lines", name="as many as by chance", line={"color": GREY, "dash": "dash"}
    )
    return finish(go.Figure([points, line]), "Edges expected by chance", "Edges observed", 380)


def control_boxes(controls: pl.DataFrame, column: str, title: str) -> go.Figure:
    """Real ablations beside their controls, one point a source feature."""
    figure = go.Figure()
    for control, colour in CONTROLS.items():
        part = controls.filter(pl.col("control") == control)
        texts = part.select(pl.format("L{}_F{}", "source_layer", "source_feature")).to_series()
        style = {"name": control.replace("_", " "), "marker_color": colour, "text": texts}
        figure.add_box(y=part[column], boxpoints="all", jitter=0.5, pointpos=0, **style)
    return finish(figure, "", title, 360).update_layout(showlegend=False).update_yaxes(rangemode="tozero")


def by_distance(pairs: pl.DataFrame, column: str, title: str) -> go.Figure:
    """A share (0 to 1) against the number of layers from source to target, one line a source autoencoder."""
    figure = go.Figure()
    for (layer, sae), part in pairs.group_by("source_layer", "source_sae", maintain_order=True):
        distance = part.select(pl.col("target_layer").cast(int) - pl.col("source_layer").cast(int)).to_series()
        figure.add_scatter(
            x=distance, y=part[column], mode="lines+markers", name=f"from L{layer}", text=[f"from {sae}"] * part.height
        )
    return integer_axis(finish(figure, "Layers later", title, 340)).update_yaxes(rangemode="tozero")


def fit_bars(rows: pl.DataFrame) -> go.Figure:
    """Share of variance explained in the traced cells, a bar an autoencoder, beside that in held-out cells."""
    bars = go.Bar(
        x=rows["layer"], y=rows["explained"], name="traced cells", marker_color=BLUE,
        hovertemplate="layer %{x}: %{y:.3f}<extra>traced cells</extra>",
    )  # fmt: skip
    held_out = go.Scatter(
        x=rows["layer"], y=rows["heldout"], mode="lines+markers", name="held-out cells",
        line={"color": GREY, "dash": "dash"}, hovertemplate="layer %{x}: %{y:.3f}<extra>held-out cells</extra>",
    )  # fmt: skip
    figure = finish(go.Figure([bars, held_out]), "Layer", "Variance explained", 340)
    return integer_axis(figure).add_hline(y=0.5, line={"color": RED, "width": 1, "dash": "dot"})
