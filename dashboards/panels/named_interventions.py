"""Panel of the interventions that the study names: what they change, beside their controls."""

from dashboards.data import query_run
from dashboards.layout import described_table
from dashboards.panel import Panel

CAPTION = (
    "Means over cells, as differences from the undisturbed cells; the last columns are the same read-out after control "
    "directions of the same length, another feature, or the autoencoder's reconstruction alone. p speaks of cells: any "
    "direction changes something in all of them. A row is worth a second look where it lies **beyond** its control "
    "directions. p_shuffled of a score: how many scores learnt from exchanged labels, or of random genes, move as far."
)
SCORES = (
    "Scores of whole cells, learnt from training cells that are not measured, and tested on other cells than they "
    "learnt from. One that does not clear those of exchanged labels (null_high) cannot tell whether a cell moved."
)


def named_interventions() -> None:
    """One row an intervention and read-out, and the scores that were read."""
    described_table(query_run("named_interventions"), CAPTION, of=("intervention", "intervention_summary"), height=420)
    scores = query_run("intervention_scores")
    if scores.height:
        described_table(scores, SCORES, of=("intervention_score", "intervention_gene"), height=240)


NAMED = Panel(
    "Named interventions",
    ("intervention", "intervention_summary"),
    named_interventions,
    also=("intervention_value", "intervention_score", "intervention_gene"),
)
