"""Figures of groups of features: modules, and clusters of features without annotation."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, finish, integer_axis


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


def modularity_bars(modules: pl.DataFrame) -> go.Figure:
    """Modularity of every layer's modules beside that of rewired networks, with two standard deviations of these."""
    layers = modules.unique("layer", keep="first", maintain_order=True)
    spread = {"type": "data", "array": (2 * layers["null_sd"].fill_null(0.0)).to_list()}
    figure = go.Figure()
    figure.add_bar(x=layers["layer"], y=layers["modularity"], name="modules", marker_color=BLUE)
    figure.add_bar(
        x=layers["layer"], y=layers["null_modularity"], name="rewired at random", marker_color=GREY, error_y=spread
    )
    return integer_axis(finish(figure, "Layer", "Modularity", 340))


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
