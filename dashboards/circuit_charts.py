"""Figures of circuits: degree beside firing frequency, thresholds, null and controls."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, RED, finish

CONTROLS = {"real": BLUE, "frequency_matched": ORANGE, "random_direction": RED, "zero": GREY}


def degree_scatter(features: pl.DataFrame, direction: str) -> go.Figure:
    """Edges of a feature against how often it fires."""
    texts = features.select(
        pl.format("L{}_F{}", "layer", "feature"), pl.col("top_genes").fill_null("none"), pl.col("label").fill_null("")
    )
    points = go.Scattergl(
        x=features["frequency"],
        y=features["degree"],
        mode="markers",
        marker={"color": BLUE, "size": 7, "opacity": 0.65},
        customdata=texts.rows(),
        hovertemplate="%{customdata[0]}: %{y} edges, fires on %{x:.3%}<br>%{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
    )
    title = "Edges leaving the feature" if direction == "out" else "Edges reaching the feature"
    figure = finish(go.Figure(points), "Firing frequency (share of gene positions)", title, 420)
    return figure.update_xaxes(type="log")


def sweep_map(sweep: pl.DataFrame, column: str, title: str) -> go.Figure:
    """A quantity over the grid of thresholds, numbers written in."""
    table = sweep.pivot("effect_min", index="consistency_min", values=column).sort("consistency_min")
    minima = sorted(sweep["effect_min"].unique().to_list())
    heat = go.Heatmap(
        z=table.select(str(m) for m in minima).to_numpy(),
        x=[f"{m:g}" for m in minima],
        y=[f"{m:g}" for m in table["consistency_min"]],
        colorscale="Blues" if column == "n_edges" else "Oranges",
        zmin=0,
        zmax=sweep[column].max(),
        texttemplate="%{z:,.0f}" if column == "n_edges" else "%{z:.2f}",
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
