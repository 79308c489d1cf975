"""Figure of a trial: what a feature's change does beside what random directions of its size do."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish

ROW = 26  # pixels


def beside_random(rows: pl.DataFrame, unit: str) -> go.Figure:
    """One bar per row (name, change) over a grey band from -random to random; the first row on top."""
    colours = [ORANGE if change > 0 else BLUE for change in rows["change"]]
    figure = go.Figure()
    figure.add_bar(
        x=2 * rows["random"], base=-rows["random"], y=rows["name"], orientation="h", width=0.8, marker_color=GREY,
        opacity=0.35, name="random directions", hoverinfo="skip",
    )  # fmt: skip
    figure.add_bar(
        x=rows["change"], y=rows["name"], orientation="h", width=0.4, marker_color=colours, name="feature",
        customdata=rows.select("random").rows(),
        hovertemplate="%{y}: %{x:.3g}, at random at most %{customdata[0]:.3g}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="overlay", showlegend=False)
    figure.update_yaxes(autorange="reversed")
    return finish(figure, unit, "", 80 + ROW * rows.height)
