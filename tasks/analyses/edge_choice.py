"""Which edges an analysis is of: the settings that all analyses of edges share."""

from typing import Literal

from pydantic import Field

from tasks.section import Section

Criterion = Literal["specific", "calibrated", "published"]  # rules of step trace, by name
DEFAULT: Criterion = "specific"


class EdgeChoice(Section):
    """The effect and the rule whose edges are looked at."""

    effect: Literal["total", "direct"] = Field("total", description="Which measured effect makes the edges.")
    criterion: Criterion = Field(
        DEFAULT,
        description="Rule that calls a measured pair an edge (table criterion); calibrated in place of specific where "
        "no displacements were traced beside the features.",
    )
