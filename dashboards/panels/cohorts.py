"""Panel of autoencoders of single sources of cells beside those of all sources together."""

import polars as pl

from dashboards.address import addressed_choice
from dashboards.charts.cohorts import cohort_points
from dashboards.data import query_run
from dashboards.layout import described_table, filled
from dashboards.panel import Panel
from dashboards.sae_choice import compared_layer
from dashboards.style import show

FIGURES = {
    "fvu": ("Fraction of variance unexplained", "Lower is better: more of these cells' states is rebuilt."),
    "annotated": (
        "Share of annotated features less that of random lists",
        "Higher is better, and 0 is what random gene lists reach.",
    ),
}
SAID = (
    "Difference: the other cohort less the source's own, mean over seeds with Student's 95 % interval; q is over the "
    "contrasts of the layer. Each seed has training cells and weights of its own, and all are judged on the same "
    "held-out cells: another donor is not in the interval."
)
CLAIM = (
    "What may be said: with equally many cells, positions and steps, pooling sources explains a source's cells better "
    "or worse by so much in this layer. A pooled autoencoder has seen fewer cells of each source, so a small loss is "
    "what sharing costs. What may not: that what it does not find is not in the model. The published control trained "
    "once per layer, on sources measured on different genes, and held the best of four layers against one layer of the "
    "single source, by what knock-downs change and without a test; that verdict is not repeated here."
)


def cohorts() -> None:
    """Every autoencoder on every source, then each cohort against the source's own."""
    rows = query_run("cohorts", layer=compared_layer())
    if not filled(rows, "Sources were not compared in this layer: cohort.layers names those in which they are."):
        return
    chosen = addressed_choice("Figure", "figure", list(FIGURES), lambda name: FIGURES[name][0])
    title, reading = FIGURES[chosen]
    valued = rows.with_columns(annotated=pl.col("annotated_fraction") - pl.col("null_annotated")).drop_nulls(chosen)
    if filled(valued, "No feature has a gene list in these cells, or the study names no gene sets."):
        first = rows.row(0, named=True)
        terms = (
            f"A point per autoencoder, trained on {first['n_train_positions']:,} positions of "
            f"{first['n_train_cells']:,} cells in {first['n_steps']:,} steps, whatever the cohort."
        )
        show(cohort_points(valued, chosen, title), f"{reading} {terms}")
    described_table(query_run("cohort_contrasts", layer=compared_layer()), SAID, of=("cohort_contrast",), height=240)
    described_table(rows, CLAIM, of=("cohort",), height=240)


COHORTS = Panel("Sources of cells", ("cohort", "cohort_contrast"), cohorts)
