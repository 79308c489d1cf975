"""Figure of controls summed up: the excess of the ablations over each of them."""

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.circuits import CONTROLS
from dashboards.style import GREY, finish


def excess_points(rows: pl.DataFrame) -> go.Figure:
    """Excess with its interval by control, one mark for each source layer; the line is where a control does as much."""
    figure = go.Figure()
    for (layer,), part in rows.filter(pl.col("excess").is_not_null()).group_by("source_layer", maintain_order=True):
        above, below = part["high"] - part["excess"], part["excess"] - part["low"]
        figure.add_scatter(
            x=part["control"].str.replace_all("_", " "),
            y=part["excess"],
            error_y={"type": "data", "array": above.to_list(), "arrayminus": below.to_list(), "width": 5},
            mode="markers",
            name=f"from L{layer}",
            marker={"size": 11, "color": [CONTROLS[name] for name in part["control"]]},
            customdata=part.select("real_mean", "control_mean").rows(),
            hovertemplate="%{customdata[0]:.1f} edges, control %{customdata[1]:.1f}: excess %{y:.2f}<extra></extra>",
        )
    figure.add_hline(y=0, line_color=GREY, line_dash="dash")
    figure.update_layout(showlegend=rows["source_layer"].n_unique() > 1)
    return finish(figure, "", "Excess over the control", 380)
