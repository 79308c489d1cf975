"""Figures of perturbed cells: the gene itself, responses, how far cells move, and accuracy beside its baselines."""

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, GREY, ORANGE, finish
from dashboards.text import hover

CALLED = 0.05
SUBSETS = {
    "all": "all pairs",
    "responding": "genes that respond",
    "on_target": "knock-downs that worked",
    "direct": "listed targets",
    "indirect": "other genes, matched",
    "direct_minus_indirect": "listed less others",
}


def on_target_points(rows: pl.DataFrame) -> go.Figure:
    """Fold of the switched-off gene by number of cells; query ``screen_perturbations``."""
    told = rows.drop_nulls("on_target_log2")
    figure = go.Figure()
    for number, (line, part) in enumerate(told.group_by("line", maintain_order=True)):  # show() escapes names
        figure.add_scatter(
            x=part["n_cells"],
            y=part["on_target_log2"],
            error_y={"array": 1.96 * part["on_target_se"].to_numpy(), "thickness": 1, "width": 0},
            mode="markers",
            name=str(line[0]),
            marker={"size": 7, "color": (BLUE, ORANGE, GREY)[number % 3]},
            customdata=part.select("perturbation", "n_responding").rows(),
            hovertemplate="%{customdata[0]}: %{y:.2f} in %{x} cells, %{customdata[1]} genes respond<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": GREY, "dash": "dash"})
    return finish(figure, "Cells", "log2 fold of the gene itself", 340)


def response_points(rows: pl.DataFrame) -> go.Figure:
    """Folds by their p; query ``screen_genes``."""
    figure = go.Figure()
    for called, name, colour in ((False, "q above 0.05", GREY), (True, "q at most 0.05", ORANGE)):
        part = rows.filter((pl.col("q") <= CALLED) == called)
        figure.add_scatter(
            x=part["log2_fold"],
            y=-np.log10(np.maximum(part["p"].to_numpy(), 1e-300)),
            mode="markers",
            name=name,
            marker={"size": 6, "color": colour},
            customdata=part.select("symbol", "q").rows(),
            hovertemplate="%{customdata[0]}: log2 fold %{x:.2f}, q %{customdata[1]:.2g}<extra></extra>",
        )
    return finish(figure, "log2 fold against control cells", "-log10 p", 360)


def excess_intervals(rows: pl.DataFrame) -> go.Figure:
    """Excess over the signs, and over usual directions, with intervals; rows of our rule of ``direction_summary``."""
    names = [f"{line}: {SUBSETS[subset]}" for line, subset in rows.select("line", "subset").iter_rows()]
    figure = go.Figure()
    for column, low, high, name, colour in (
        ("excess", "low", "high", "over unbalanced signs", BLUE),
        ("over_usual", "over_usual_low", "over_usual_high", "over the gene's usual direction", ORANGE),
    ):
        value = rows[column].to_numpy()
        figure.add_scatter(
            x=value,
            y=names,
            mode="markers",
            name=name,
            marker={"size": 8, "color": colour},
            error_x={
                "array": (rows[high] - rows[column]).fill_null(0.0).to_numpy(),
                "arrayminus": (rows[column] - rows[low]).fill_null(0.0).to_numpy(),
            },
        )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dash"})
    figure = finish(figure, "Accuracy beyond the baseline", "", 160 + 34 * len(names))
    return figure.update_yaxes(
        autorange="reversed", tickvals=[hover(one) for one in names], ticktext=[hover(one) for one in names]
    )


def answer_bars(rows: pl.DataFrame) -> go.Figure:
    """Share of features, and of genes, that answer each perturbation; query ``answers``."""
    told = rows.filter(pl.col("reason").is_null())
    names = [f"{name} ({line})" for line, name in told.select("line", "perturbation").iter_rows()]
    figure = go.Figure()
    for part, whole, name, colour in (
        ("n_answering", "n_tested", "features of the layer", BLUE),
        ("n_genes_answering", "n_genes_tested", "expression of genes", GREY),
    ):
        share = told[part].to_numpy() / np.maximum(told[whole].to_numpy(), 1)
        figure.add_bar(x=names, y=share, name=name, marker={"color": colour})
    return finish(figure, "Perturbation", "Share that answers", 360).update_layout(barmode="group")


def shift_points(rows: pl.DataFrame) -> go.Figure:
    """How far each knock-down moves cells, with what swapped cells give; query ``knock_down_strengths``."""
    told = rows.drop_nulls("distance")
    names = [f"{name} ({line})" for line, name in told.select("line", "perturbation").iter_rows()]
    figure = go.Figure()
    figure.add_scatter(
        x=names,
        y=told["distance"],
        error_y={"array": 1.96 * told["sd"].to_numpy(), "thickness": 1, "width": 0},
        mode="markers",
        showlegend=False,
        marker={"size": 7, "color": np.where(told["p"].to_numpy() <= CALLED, ORANGE, GREY)},
        customdata=told.select("p", "n_cells").rows(),
        hovertemplate="%{x}: %{y:.3f}, p %{customdata[0]:.2g}, %{customdata[1]} cells in the file<extra></extra>",
    )
    figure.add_hline(y=0, line={"color": GREY, "dash": "dash"})
    return finish(figure, "Perturbation", "Energy distance", 360)


def strength_points(rows: pl.DataFrame) -> go.Figure:
    """Degree of features by the strength of their genes' knock-downs; query ``strength_points``."""
    figure = go.Figure(
        go.Scatter(
            x=rows["strength"],
            y=rows["degree"],
            mode="markers",
            showlegend=False,
            marker={"size": 6, "color": BLUE},
            customdata=rows.select("feature", "n_genes").rows(),
            hovertemplate="F%{customdata[0]}: %{y} edges, strength %{x:.3f} of %{customdata[1]} genes<extra></extra>",
        )
    )
    return finish(figure, "Mean distance of knock-downs of its genes", "Edges", 360)
