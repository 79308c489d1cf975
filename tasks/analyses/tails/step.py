"""Step ``tails``: what law the number of edges of a feature follows, far out."""

from typing import Literal

from pydantic import Field

from tasks.analyses.edge_choice import LATER, EdgeChoice
from tasks.step import SAME_LAYER, Step, asked_for, layers_of


class TailsSettings(EdgeChoice):
    """Which degrees are fitted, and how."""

    wanted: bool = Field(False, description="Whether laws are fitted to the tail of the degrees.")
    rules: list[Literal["exact", "published"]] = Field(
        default=["exact"],
        min_length=1,
        description="exact: a support that ends at the number of targets, draws refitted as the data are, a likelihood "
        "ratio for nested laws; published: as published, which a few seconds more show beside it.",
    )
    n_draws: int = Field(200, ge=20, description="Draws behind the goodness of fit.")
    seed: int = Field(0, ge=0, description="Seed of the draws.")


STEP = Step(
    name="tails",
    title="fit laws to the tail of the degrees",
    settings=TailsSettings,
    version=1,
    work="tasks.analyses.tails.work:fit_tails",
    tables=("tail_fit", "tail_alternative", "tail_curve"),
    reads={"trace": SAME_LAYER, "describe": LATER},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set tails.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=3,
)
