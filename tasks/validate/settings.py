"""Settings of the validate step."""

from typing import Literal

from pydantic import Field

from tasks.section import Section


class ValidateSettings(Section):
    """What the circuits are held against, and how."""

    effect: Literal["total", "direct"] = Field(default="total", description="Which measured effect makes the edges.")
    rule: Literal["specific", "calibrated"] = Field(
        default="specific",
        description="Which rule calls the edges; where no displacements were traced for specific, it is calibrated, "
        "and the table says so.",
    )
    top_genes: int = Field(default=10, ge=1, le=1000, description="Genes of a feature's list that stand for it.")
    max_pairs: int = Field(default=200_000, ge=1, description="Gene pairs kept, those with the largest score.")
    min_set: int = Field(
        default=5, ge=2, description="Fewest genes of a known set among the predicted genes for it to be tested."
    )
    n_null: int = Field(default=500, ge=100, description="Null draws of each comparison.")
    seed: int = Field(default=0, ge=0, description="Seed of the null draws.")
    n_bootstrap: int = Field(
        default=2000, ge=100, description="Bootstrap draws over perturbations, where step responses measured some."
    )
    on_target: float = Field(
        default=-0.5,
        le=0,
        description="log2 fold of its own gene below which a perturbation counts as one that worked. Knock-outs leave "
        "much of the transcript: -0.04 was published for them.",
    )
