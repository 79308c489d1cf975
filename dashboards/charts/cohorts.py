"""Figure of autoencoders of single sources and of all together, on held-out cells of each source."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import categories, finish
from dashboards.text import hover

POOLED = "pooled"


def cohort_points(rows: pl.DataFrame, column: str, title: str) -> go.Figure:
    """A point per autoencoder, one colour a cohort; ``rows`` of query ``cohorts`` with the figure in ``column``."""
    figure, colours = go.Figure(), categories()
    for place, (cohort, part) in enumerate(_by_cohort(rows)):
        figure.add_scatter(
            x=[hover(source) for source in part["source"]],
            y=part[column],
            mode="markers",
            name=f"trained on {'all sources' if cohort == POOLED else hover(cohort)}",
            offsetgroup=place,
            marker={"color": colours[place % len(colours)], "size": 9},
            customdata=part["seed"],
            hovertemplate="%{y:.3f}, seed %{customdata}<extra></extra>",
        )
    low, high = min(rows[column]), max(rows[column])
    margin = 0.1 * (high - low) or 0.01  # grouped points would have the axis start at 0
    figure.update_layout(scattermode="group")
    return finish(figure, "Judged on held-out cells of", title, 360).update_yaxes(range=[low - margin, high + margin])


def _by_cohort(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    return [(str(cohort), part) for (cohort,), part in rows.group_by("cohort", maintain_order=True)]
