"""Settings of the combine step."""

from itertools import combinations
from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.cells.settings import Wanted
from tasks.combine.sets import Control
from tasks.section import Section

MOST_MEMBERS = 4  # fifteen conditions


class MemberSettings(Section):
    """A feature and what its activations are multiplied by."""

    layer: int = Field(ge=0, description="The feature's layer.")
    feature: int = Field(ge=0, description="Its number in that layer's autoencoder.")
    multiplier: float = Field(default=0.0, description="0 takes the feature out, 2 doubles it.")


class SetSettings(Section):
    """Features that are changed alone and together."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]+$", description="What the tables call the set.")
    members: tuple[MemberSettings, ...] = Field(
        min_length=1, max_length=MOST_MEMBERS, description="Its features; all subsets of them are measured."
    )


class DesignSettings(Section):
    """Sets of three kinds, whose features fire alike, one of each of some layers."""

    layers: tuple[int, ...] = Field(
        min_length=2, max_length=MOST_MEMBERS, description="Layers of the designed sets: one feature of each."
    )
    sets: int = Field(
        default=4,
        ge=1,
        description="Sets of each kind: members that share a significant term, that share none, and any that fire as "
        "often; fewer where features do not allow so many.",
    )
    library: str | None = Field(
        default=None, description="Library whose significant terms count as pathways; unset: every library."
    )
    min_cells: int = Field(default=10, ge=2, description="Least number of cells in which all members are active.")
    neighbours: int = Field(
        default=20,
        ge=1,
        description="Features nearest in firing frequency to a member of a pathway's set, among which those of the "
        "other two kinds are drawn.",
    )
    n_draws: int = Field(
        default=2000, ge=99, description="Draws behind each interval of a ratio and each comparison of kinds."
    )

    @model_validator(mode="after")
    def _layers_differ(self) -> Self:
        if len(set(self.layers)) < len(self.layers):
            raise ValueError("layers names a layer twice")
        return self


class CombineSettings(Section):
    """Which features are changed together, in which cells, and how interactions are tested."""

    sets: tuple[SetSettings, ...] = Field(default=(), description="Named sets of features.")
    drawn: int = Field(
        default=0,
        ge=0,
        description="Sets drawn by seed in addition to the named ones, with one feature of each of `layers`.",
    )
    layers: tuple[int, ...] = Field(default=(), max_length=MOST_MEMBERS, description="Layers of the drawn sets.")
    design: DesignSettings | None = Field(
        default=None, description="Sets by pathway, across pathways and at random, and the ratios published of sets."
    )
    controls: tuple[Control, ...] = Field(
        default=(),
        description="Every set once more for each of these, its members' activations along directions that are not "
        "their own but as long. random_direction: isotropic; covariance_matched: as the layer's outputs vary.",
    )
    target_layers: Literal["all"] | tuple[int, ...] = Field(
        default="all",
        description="Layers that are read, if deeper than all members of a set; all: with an autoencoder.",
    )
    n_cells: int = Field(default=64, ge=2, le=65_535, description="Cells to measure in; all of the split if fewer.")
    cells_split: Literal["train", "heldout", "all"] = Field(
        default="heldout", description="Which cells: those that trained the autoencoders, those kept out, or both."
    )
    cells_where: Wanted = Field(
        default_factory=dict,
        description="Only cells with these values, by label or by a column of cells.obs: "
        '{cell_type = "B cells", donor = ["d1", "d2"]}.',
    )
    cells_draw: Literal["seeded", "first"] = Field(
        default="seeded", description="A random draw among them, or those first in the file."
    )
    seed: int = Field(default=0, ge=0, description="Seed of the cells, the drawn sets and the sign flips.")
    floor: float = Field(default=1e-6, ge=0, description="An effect or interaction no larger than this counts as zero.")
    n_flips: int = Field(
        default=1000, ge=500, description="Sign flips of a test; enumerated where as many cover all flips of its cells."
    )
    fine_flips: int = Field(
        default=20_000, ge=500, description="Sign flips of a test that fewer than 10 of n_flips reach."
    )

    @property
    def empty(self) -> bool:
        """Whether there is nothing to combine."""
        return not self.sets and not self.drawn and self.design is None

    def source_layers(self) -> list[int]:
        """Layers at which some feature is changed, ascending."""
        named = {member.layer for each in self.sets for member in each.members}
        return sorted(named | set(self.layers if self.drawn else ()) | set(self.design.layers if self.design else ()))

    @model_validator(mode="after")
    def _drawn_from_layers(self) -> Self:
        if self.drawn and len(self.layers) < 2:
            raise ValueError("drawn sets take one feature of each of `layers`: name two layers or more")
        if len(set(self.layers)) < len(self.layers):
            raise ValueError("layers names a layer twice")
        return self

    @model_validator(mode="after")
    def _fine_enough(self) -> Self:
        if self.fine_flips < self.n_flips:
            raise ValueError(f"fine_flips ({self.fine_flips}) is below n_flips ({self.n_flips})")
        return self

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if len(set(self.controls)) < len(self.controls):
            raise ValueError("controls names one control twice: name each once")
        for one, other in combinations(self.sets, 2):
            if one.name == other.name:
                raise ValueError(f"two sets are called {one.name}")
        for each in self.sets:
            features = [(member.layer, member.feature) for member in each.members]
            if len(set(features)) < len(features):
                raise ValueError(f"set {each.name} names a feature twice")
            if any(member.multiplier == 1 for member in each.members):
                raise ValueError(f"set {each.name} multiplies a feature by 1, which changes nothing: 0 takes it out")
        return self
