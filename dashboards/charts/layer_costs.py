"""Figure of what taking features out does, layer by layer, beside what controls do."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREEN, GREY, ORANGE, PURPLE, finish, integer_axis

TREATMENTS = {
    "real": ("feature taken out", BLUE),
    "ablated": ("feature taken out", BLUE),
    "frequency_matched": ("another feature", ORANGE),
    "reconstruction": ("reconstruction alone", PURPLE),
    "random_direction": ("random direction", GREY),
    "covariance_matched": ("direction as states vary", GREEN),
}


def cost_by_layer(rows: pl.DataFrame, value: str, title: str) -> go.Figure:
    """Means by layer with intervals, one line a treatment; ``value``: the column, value or per_unit."""
    low, high = f"{value}_low", f"{value}_high"
    figure = go.Figure()
    for place, (treatment, (name, colour)) in enumerate(TREATMENTS.items()):
        part = rows.filter(pl.col("treatment") == treatment, pl.col(value).is_not_null()).sort("layer")
        if part.is_empty():
            continue
        figure.add_scatter(
            x=part["layer"] + 0.04 * (place - 2),
            y=part[value],
            error_y={
                "type": "data",
                "array": (part[high] - part[value]).fill_null(0.0).to_list(),
                "arrayminus": (part[value] - part[low]).fill_null(0.0).to_list(),
                "width": 4,
            },
            mode="lines+markers",
            name=name,
            line={"color": colour, "dash": "solid" if colour == BLUE else "dot"},
            customdata=part.select("layer", "n_features").rows(),
            hovertemplate=f"layer %{{customdata[0]}}: %{{y:.3g}} over %{{customdata[1]}} features<extra>{name}</extra>",
        )
    figure.add_hline(y=0, line_dash="dash", line_color=GREY)
    return integer_axis(finish(figure, "Layer", title, 380))
