"""Sets of interventions, and the conditions that are measured of each."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

Control = Literal["random_direction", "covariance_matched"]


@dataclass(frozen=True, order=True)
class Intervention:
    """Multiply the activations of a feature of ``layer`` wherever it is active; 0 takes it out.

    ``along``: the control whose direction is moved along in place of the feature's own (``turned``); empty: its own.
    """

    layer: int
    feature: int
    multiplier: float
    along: str = ""


Condition = tuple[Intervention, ...]  # interventions in the order of their layers; none: the undisturbed cell
Design = Literal["pathway", "across", "random"]
Subset = tuple[int, ...]  # numbers of members, from 1, ascending


@dataclass(frozen=True)
class Combination:
    """A set of one to four interventions, by layer and feature; ``drawn`` if nobody named it.

    ``design``: the kind of a designed set; ``pathway``: the term that all its members share. ``control``: what stands
    in the place of its members' directions; a control is of no kind.
    """

    name: str
    members: Condition
    drawn: bool
    design: Design | None = None
    pathway: str | None = None
    control: Control | None = None

    def along(self, control: Control) -> "Combination":
        """The set with its members' activations along other directions; no named set has a blank in its name."""
        members = tuple(replace(each, along=control) for each in self.members)
        return Combination(f"{self.name} {control}", members, self.drawn, control=control)

    @property
    def deepest(self) -> int:
        """Layer of the last intervention; only deeper layers are read."""
        return self.members[-1].layer

    @property
    def subsets(self) -> list[Subset]:
        """All non-empty subsets, singles first."""
        numbers = range(1, len(self.members) + 1)
        return [subset for size in numbers for subset in combinations(numbers, size)]

    def condition(self, subset: Subset) -> Condition:
        """The interventions of a subset."""
        return tuple(self.members[number - 1] for number in subset)


def label(subset: Subset) -> str:
    """What tables call a subset: 1+3."""
    return "+".join(map(str, subset))
