"""Figures of domains: a map of pairs, leads beside expected ones, a null beside what was found."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish, ink
from dashboards.text import hover

CALLED = 0.05
LONGEST = 34  # letters of a name on an axis
ROW = 22  # pixels
ROUNDING = 1e-9  # of a value: less is no difference


def domain_map(pairs: pl.DataFrame, most: int) -> go.Figure:
    """Pairs as points, sources by rows and targets by columns: the ``most`` of each with most edges."""
    ends = {}
    for end in ("source_domain", "target_domain"):
        counted = pairs.group_by(end).agg(pl.col("n_edges").sum()).sort("n_edges", end, descending=[True, False])
        ends[end] = counted[end].head(most).to_list()
    shown = pairs.filter(*(pl.col(end).is_in(names) for end, names in ends.items()))
    ratio = np.log2(np.maximum(shown["fold"].fill_null(8.0).to_numpy(), 1 / 8).clip(1 / 8, 8))
    largest = float(shown["n_edges"].to_numpy().max(initial=1))
    called = (shown["q"] <= CALLED).to_numpy()
    figure = go.Figure(
        go.Scatter(
            x=shown["target_domain"],
            y=shown["source_domain"],
            mode="markers",
            showlegend=False,
            marker={
                "size": 6 + 16 * np.sqrt(shown["n_edges"].to_numpy() / largest),
                "color": ratio,
                "colorscale": "RdBu_r",
                "cmid": 0,
                "cmin": -3,
                "cmax": 3,
                "line": {"width": np.where(called, 2.5, 0.5), "color": np.where(called, ink(), GREY)},
                "colorbar": {
                    "title": "edges over<br>expected",
                    "tickvals": [-3, -2, -1, 0, 1, 2, 3],
                    "ticktext": ["1/8", "1/4", "1/2", "1", "2", "4", "8"],
                },
            },
            customdata=shown.select("n_edges", "expected", "q", "p_any").to_numpy(),
            hovertemplate="%{y} to %{x}<br>%{customdata[0]:.0f} edges, %{customdata[1]:.1f} expected<br>"
            "q %{customdata[2]:.2g}, p_any %{customdata[3]:.2g}<extra></extra>",
        )
    )
    figure = finish(figure, "Domain of the targets", "Domain of the sources", 220 + ROW * len(ends["source_domain"]))
    for axis, end in ((figure.update_xaxes, "target_domain"), (figure.update_yaxes, "source_domain")):
        names = ends[end]
        ticks = {"tickvals": [hover(one) for one in names], "ticktext": [hover(_short(one)) for one in names]}
        axis(categoryorder="array", categoryarray=names, **ticks)
    return figure.update_yaxes(autorange="reversed").update_xaxes(tickangle=-45)


def order_points(rows: pl.DataFrame) -> go.Figure:
    """Lead of the first domain over the second beside the expected one; query ``domain_orders``."""
    named = rows.with_columns(pair=pl.format("{} before {}", "first", "second"))
    titles = ("Lead expected by chance, in edges", "Lead of the first domain over the second")
    return beside_chance(named, ("expected_lead", "lead"), "q", ["pair"], titles)


def beside_chance(
    rows: pl.DataFrame, columns: tuple[str, str], q: str | None, named: Sequence[str], titles: tuple[str, str]
) -> go.Figure:
    """A point per row: what chance gives across, what was found up; on the dashed line they are equal.

    ``columns``: expected and found; rows without them are left out. ``q``: column of q, None where nothing was tested.
    ``named``: columns that name a row.
    """
    told = rows.drop_nulls(list(columns))
    figure = finish(go.Figure(), *titles, 380)
    if told.is_empty():
        return figure
    values = told.select(columns).to_numpy()
    low, high = float(values.min()), float(values.max())
    if high - low <= ROUNDING * abs(high):  # axes would magnify what rounding does
        low, high = low - 0.1, high + 0.1
        figure.update_xaxes(range=[low, high]).update_yaxes(range=[low, high])
    line = {"color": GREY, "dash": "dash"}
    figure.add_scatter(x=[low, high], y=[low, high], mode="lines", name="as chance gives", line=line)
    words = "<br>".join(f"%{{customdata[{place}]}}" for place in range(len(named)))
    for name, colour, part in _by_q(told, q):
        figure.add_scatter(
            x=part[columns[0]], y=part[columns[1]], mode="markers", name=name, marker={"color": colour, "size": 7},
            customdata=part.select(named).rows(),
            hovertemplate=f"{words}<br>%{{y:.3~g}}, expected %{{x:.3~g}}<extra></extra>",
        )  # fmt: skip
    return figure


def _by_q(rows: pl.DataFrame, q: str | None) -> list[tuple[str, str, pl.DataFrame]]:
    """Name, colour and rows of those that are called and those that are not; of all, where nothing was tested."""
    if q is None:
        return [("found", BLUE, rows)]
    called = pl.col(q).fill_null(1.0) <= CALLED
    return [("q above 0.05", BLUE, rows.filter(~called)), ("q at most 0.05", ORANGE, rows.filter(called))]


def null_histogram(draws: pl.Series, found: float) -> go.Figure:
    """What the draws of a null gave, and what was found as a line."""
    figure = go.Figure(go.Histogram(x=draws, name="by chance", marker={"color": GREY}, nbinsx=30))
    figure.add_vline(x=found, line={"color": ORANGE, "width": 3}, annotation_text="found", annotation_position="top")
    return finish(figure, "Pairs of domains in both studies", "Draws", 300)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
