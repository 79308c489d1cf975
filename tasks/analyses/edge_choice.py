"""Which edges an analysis is of, and of which layers: what all analyses of edges share."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import Layer, Reads

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


def later_layers(_settings: object, source: Layer, known: Sequence[Layer]) -> list[Layer]:
    """The source layer and all that follow."""
    return [*sorted(layer for layer in known if layer is not None and source is not None and layer >= source)]


LATER = Reads("source layer and later ones", later_layers)
