"""Panel of the interventions that the study names: what they change, beside their controls."""

from dashboards.data import query_run
from dashboards.layout import described_table
from dashboards.panel import Panel

CAPTION = (
    "Means over cells, as differences from the undisturbed cells; the last columns are the same read-out after control "
    "directions of the same length, or another feature. p speaks of cells: any direction changes something in all of "
    "them. A row is worth a second look where it lies **beyond** its control directions."
)


def named_interventions() -> None:
    """One row an intervention and read-out."""
    described_table(query_run("named_interventions"), CAPTION, of=("intervention", "intervention_summary"), height=420)


NAMED = Panel(
    "Named interventions",
    ("intervention", "intervention_summary"),
    named_interventions,
    also=("intervention_value",),
)
