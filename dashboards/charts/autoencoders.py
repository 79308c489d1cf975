"""Figures that hold autoencoders against each other."""

import math

import plotly.graph_objects as go
import polars as pl

from dashboards.style import SEQUENTIAL, categories, finish, ink

VARIANTS = ("topk", "batchtopk", "matryoshka", "jumprelu", "standard", "gated", "p_anneal", "gated_anneal")
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star")  # by number of features, fewest first
LOW = ("fvu", "dead_fraction")  # figures that are better the nearer to 0
NARROW = 1.5  # least ratio of the ends of the axis of active features
RING = 2.5  # width of the outline of those that are described


def named(saes: pl.DataFrame) -> pl.DataFrame:
    """With a column ``name``: what tells an autoencoder from the others of its layer."""
    strength = (
        pl.when(pl.col("k").is_not_null())
        .then(pl.format("k {}", "k"))
        .otherwise(pl.format("penalty {}", pl.col("sparsity").round(3)))
    )
    name = pl.format("{} {}, {}, seed {}", "variant", "n_features", strength, "seed")
    return saes.with_columns(name=pl.coalesce(name, "sae_id"))


def trade_off(saes: pl.DataFrame, column: str, title: str, joined: bool = True) -> go.Figure:
    """``column`` against active features per position: colour for variant, symbol for width, a ring if described.

    ``joined``: lines join autoencoders of one variant, width and seed, which is a trend within one layer alone.
    """
    figure = go.Figure()
    widths = sorted(saes["n_features"].unique())
    for (variant, n_features, _), part in saes.sort("l0").group_by(
        "variant", "n_features", "seed", maintain_order=True
    ):
        first = not any(trace.legendgroup == variant for trace in figure.data)
        figure.add_scatter(
            x=part["l0"],
            y=part[column],
            mode="lines+markers" if joined else "markers",
            name=str(variant),
            legendgroup=str(variant),
            showlegend=first,
            line={"width": 1, "color": categories()[VARIANTS.index(str(variant))]},
            marker={
                "size": 11,
                "symbol": SYMBOLS[min(widths.index(n_features), len(SYMBOLS) - 1)],
                "line": {"color": ink(), "width": [RING if one else 0 for one in part["described"]]},
            },
            customdata=part.select("name", "sae_id").rows(),
            hovertemplate="%{customdata[0]}<br>%{x:.1f} active, %{y:.3f}<br>%{customdata[1]}<extra></extra>",
        )
    low, high = min(saes["l0"], default=1.0), max(saes["l0"], default=1.0)
    figure.update_xaxes(type="log")
    if high < low * NARROW:  # all alike: without a range the axis would magnify differences of rounding
        figure.update_xaxes(range=[math.log10(low / NARROW), math.log10(high * NARROW)])
    if column in LOW or saes.height == 1:
        figure.update_yaxes(rangemode="tozero")
    return finish(figure, "Active features per position (mean, logarithmic)", title, 440)


def density_steps(densities: pl.DataFrame, names: dict[str, str]) -> go.Figure:
    """Features by the share of positions at which they fire, one line an autoencoder; those that never fire apart."""
    figure = go.Figure()
    for (sae_id,), part in densities.group_by("sae_id", maintain_order=True):
        silent = part.filter(pl.col("bin") == 0)["n_features"].sum()
        seen = part.filter(pl.col("bin") > 0)
        figure.add_scatter(
            x=(seen["low"] + seen["high"]) / 2,
            y=seen["n_features"],
            mode="lines",
            line={"shape": "hvh", "width": 2},
            name=f"{names[str(sae_id)]}: {silent} never",
            hovertemplate="10^%{x:.2f}: %{y} features<extra></extra>",
        )
    first = densities.filter((pl.col("bin") > 0) & (pl.col("n_features") > 0))["low"].min()
    if first is not None:
        figure.update_xaxes(range=[first, 0])
    return finish(figure, "Share of positions, log10", "Features", 420)


def overlap_map(pairs: pl.DataFrame, names: dict[str, str]) -> go.Figure:
    """Share of the features of one autoencoder (down) that another one (across) has as well."""
    order = [sae for sae in names if sae in set(pairs["sae_id"])]
    found = {(one, other): row for one, other, *row in pairs.iter_rows()}
    rows = [[found.get((one, other)) for other in order] for one in order]
    texts = [
        [f"mean cosine {row[1]:.2f}, by chance {row[2]:.2f}" if row else "the same" for row in line] for line in rows
    ]
    heat = go.Heatmap(
        z=[[row[3] if row else None for row in line] for line in rows],
        x=[names[sae] for sae in order],
        y=[names[sae] for sae in order],
        customdata=texts,
        colorscale=SEQUENTIAL,
        zmin=0,
        zmax=1,
        colorbar={"title": "Share", "tickformat": ".0%"},
        hovertemplate="of %{y}<br>in %{x}: %{z:.0%}<br>%{customdata}<extra></extra>",
    )
    if len(order) <= 12:  # beyond, the numbers would not fit
        heat.texttemplate = "%{z:.0%}"
    figure = finish(go.Figure(heat), "Found in", "Features of", 180 + 34 * len(order))
    return figure.update_yaxes(autorange="reversed")
