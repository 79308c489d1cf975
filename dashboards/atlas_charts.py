"""Figures of an imported atlas."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, finish, integer_axis


def module_bars(modules: pl.DataFrame) -> go.Figure:
    """Sizes of modules, stacked by layer; the labels are what the bars say when touched."""
    figure = go.Figure()
    for (module,), part in modules.group_by("module", maintain_order=True):
        figure.add_bar(
            x=part["layer"],
            y=part["n_features"],
            name=f"module {module}",
            customdata=part.select("module", "labels").rows(),
            hovertemplate="layer %{x}, module %{customdata[0]}: %{y} features<br>%{customdata[1]}<extra></extra>",
        )
    figure.update_layout(barmode="stack", showlegend=False)
    return integer_axis(finish(figure, "Layer", "Features", 340))


def highway_bars(pairs: pl.DataFrame) -> go.Figure:
    """Features of the earlier layer by pair of layers: living, linked, with a highway."""
    names = pairs.select(pl.format("L{} to L{}", "source_layer", "target_layer")).to_series()
    figure = go.Figure()
    for column, name, colour in (
        ("n_alive_source", "living", GREY),
        ("n_with_links", "with a link", BLUE),
        ("n_highways", "with a highway", ORANGE),
    ):
        figure.add_bar(x=names, y=pairs[column], name=name, marker_color=colour)
    return finish(figure, "Layers", "Features of the earlier layer", 340)


def persistence_lines(rows: pl.DataFrame) -> go.Figure:
    """Matches with the next layer, and of the reference layer with each."""
    figure = go.Figure()
    for kind, name, colour in (("adjacent", "with the layer before", BLUE), ("long_range", "with layer 0", ORANGE)):
        part = rows.filter((pl.col("kind") == kind) & (pl.col("from_layer") != pl.col("to_layer")))
        figure.add_scatter(x=part["to_layer"], y=part["n_matches"], name=name, mode="lines+markers", line_color=colour)
    return integer_axis(finish(figure, "Layer", "Features with a like direction", 360)).update_yaxes(rangemode="tozero")


def patch_scatter(patches: pl.DataFrame, unit: str) -> go.Figure:
    """Sizes of the effects on own and on other genes, one point a feature, both axes logarithmic."""
    floor = 1e-4  # effects were published with four decimals: a zero is drawn there
    sizes = patches.with_columns(
        target=pl.col("target_effect").abs().clip(floor), other=pl.col("other_effect").abs().clip(floor)
    )
    points = go.Scatter(
        x=sizes["other"],
        y=sizes["target"],
        mode="markers",
        name="feature",
        marker={"size": 9, "color": BLUE, "opacity": 0.7},
        customdata=sizes.select("feature", "specificity", pl.col("label").fill_null("no annotation")).rows(),
        hovertemplate="feature %{customdata[0]}: ratio %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
    every = [*sizes["other"], *sizes["target"]]
    ends = [min(every), max(every)]
    line = go.Scatter(x=ends, y=ends, mode="lines", name="as much", line={"dash": "dash", "color": GREY})
    figure = finish(go.Figure([points, line]), f"{unit}, others or control", f"{unit}, own", 420)
    return figure.update_xaxes(type="log").update_yaxes(type="log")


def response_bars(targets: pl.DataFrame) -> go.Figure:
    """How many genes had how many answering features."""
    counts = targets["n_responding"].value_counts().sort("n_responding")
    bars = go.Bar(x=counts["n_responding"], y=counts["count"], marker_color=BLUE)
    return finish(go.Figure(bars), "Features that answered", "Genes switched off", 260)


def cluster_bars(layers: pl.DataFrame) -> go.Figure:
    """Annotated, unannotated and clustered features by layer."""
    figure = go.Figure()
    for column, name, colour in (
        ("n_annotated", "annotated", BLUE),
        ("n_unannotated", "not annotated", GREY),
        ("n_features_in_clusters", "of these in a cluster", GREEN),
    ):
        figure.add_bar(x=layers["layer"].cast(pl.String), y=layers[column], name=name, marker_color=colour)
    return finish(figure, "Layer", "Living features", 320).update_xaxes(type="category")


def variance_bars(layers: pl.DataFrame) -> go.Figure:
    """Variance of autoencoder and singular vectors by layer."""
    figure = go.Figure()
    for column, name, colour in (("sae_variance", "autoencoder", BLUE), ("svd_variance", "50 singular vectors", GREY)):
        figure.add_bar(x=layers["layer"], y=layers[column], name=name, marker_color=colour)
    return integer_axis(finish(figure, "Layer", "Share of variance", 320))
