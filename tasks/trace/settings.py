"""Settings of the trace step."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.cells.settings import Wanted
from tasks.trace.source_settings import SourceSettings
from tasks.trace.spread_settings import SpreadSettings

CELL = "cell"  # the unit where every cell stands for itself
NamedControl = Literal["published_noise", "reconstruction"]


class TraceSettings(SpreadSettings):
    """What is ablated, in which cells, how effects are tested, and when a pair is called an edge."""

    source_layers: list[int] = Field(default=[2], min_length=1, description="Layers whose features are ablated.")
    effects: list[Literal["total", "direct"]] = Field(
        default=["total"],
        min_length=1,
        description="total: everything after the source layer recomputed; direct: the ablated positions alone.",
    )
    target_layers: Literal["all", "next"] | list[int] = Field(
        default="all",
        description="Layers whose features are read; all: every later layer with an autoencoder; next: the first of "
        "them, exact at a hundredth of the cost if it follows at once.",
    )
    n_cells: int = Field(default=64, ge=2, le=65_535, description="Cells to trace in; all of the split if fewer.")
    cells_split: Literal["train", "heldout", "all"] = Field(
        default="heldout", description="Which cells: those that trained the autoencoders, those kept out, or both."
    )
    cells_where: Wanted = Field(
        default_factory=dict,
        description="Only cells with these values, by label or by a column of cells.obs: "
        '{cell_type = "B cells", donor = ["d1", "d2"]}.',
    )
    cells_draw: Literal["seeded", "first", "balanced"] = Field(
        default="seeded",
        description="seeded: a random draw among them; first: those first in the file, as in the published map, whose "
        "cells share a batch or a cell line wherever the file is sorted by it; balanced: a random draw of as many "
        "from each unit (trace.unit), as far as it has cells.",
    )
    min_frequency: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Source features that fire at a smaller share of the autoencoder's positions (feature.frequency) "
        "are not traced; 0: every feature that is active in a traced cell is.",
    )
    sources: SourceSettings = Field(
        default=SourceSettings(), description="Which of these features are traced: all, or some of them."
    )
    least_explained: float = Field(
        default=0.5,
        le=1,
        description="Share of variance that an autoencoder should explain at gene positions of the traced cells; where "
        "one explains less, the trace says so before it starts.",
    )
    seed: int = Field(default=0, ge=0, description="Seed of the draws of cells and sources, sign flips and controls.")
    floor: float = Field(
        default=1e-6,
        ge=0,
        description="An effect no larger than this counts as zero. A displacement of nothing gives exactly 0, but any "
        "other changes how every later sum rounds; activations are of order one, their float32 rounding about 1e-7.",
    )
    n_flips: int = Field(
        default=1000,
        ge=500,
        description="Sign flips of a test; where as many cover all flips of its cells, these are enumerated instead.",
    )
    fine_flips: int = Field(
        default=20_000,
        ge=500,
        description="Sign flips of a test that fewer than 10 of n_flips reach: among millions of pairs one must "
        "know how small its p is, not only that it is smaller than n_flips can tell.",
    )
    null_flips: int = Field(
        default=50, ge=2, description="Sign flips behind the expected number of pairs that pass a rule by chance."
    )
    effect_min: float = Field(default=0.5, ge=0, description="Least |d| or |g| of an edge, exclusive.")
    consistency_min: float = Field(default=0.7, ge=0.5, lt=1, description="Least sign agreement, exclusive.")
    nonzero_min: int = Field(
        default=8,
        ge=1,
        description="Fewest cells with a non-zero effect of a calibrated or specific edge, where unit is cell.",
    )
    unit: str = Field(
        default=CELL,
        min_length=1,
        description="What a replication would draw anew: cell, or an obs column that names it, such as donor, kept by "
        "cells.obs. The effect in a donor is the mean over its cells; effect sizes, agreement of signs and sign flips "
        "are then those of donors. Cells without a value are left out.",
    )
    min_units: int = Field(
        default=8,
        ge=2,
        description="Where unit is not cell: fewest units in which a source must be active to be tested, and fewest "
        "with a non-zero effect of an edge by any rule. G of them give no p below 2^(1 - G): it takes 6 to reach 0.05.",
    )
    min_cells: int = Field(
        default=1,
        ge=1,
        description="Where unit is not cell: fewest traced cells of each unit. A unit that has fewer is named, and "
        "nothing is traced.",
    )
    q_max: float = Field(default=0.05, gt=0, lt=1, description="Largest q of a calibrated or specific edge.")
    n_controls: int = Field(
        default=16,
        ge=1,
        description="Source features that are traced again as controls. They say how many edges a random direction "
        "makes, and so how large an effect must be to be specific: raise it for many thousand features.",
    )
    control_cells: int = Field(
        default=16,
        ge=0,
        description="Cells of every source feature in which a displacement of the same size at the same positions, in "
        "a random direction, is measured beside it, for the rule specific; 0: none, and no edge is called specific.",
    )
    more_controls: tuple[NamedControl, ...] = Field(
        default=(),
        description="Controls of the n_controls features beside the usual ones. published_noise: at every position of "
        "every cell a new Gaussian vector as long as what the feature adds; means cancel it, so it makes few edges "
        "whatever the feature does. reconstruction: what the autoencoder makes of the output at these positions.",
    )
    precision: Literal["float32", "tf32", "bf16"] = Field(
        default="float32",
        description="Of the matrix products inside the model's blocks; the residual stream and the autoencoders stay "
        "float32. tf32 needs CUDA. What is lost is measured on a sample: table precision_audit.",
    )
    audit_fraction: float = Field(
        default=0.01, gt=0, le=1, description="Share of source features that are measured again in float32."
    )

    @property
    def least_cases(self) -> int:
        """Fewest cells, or units where they are others, with a non-zero effect of an edge."""
        return self.nonzero_min if self.unit == CELL else self.min_units

    @model_validator(mode="after")
    def _targets_follow_sources(self) -> Self:
        if self.target_layers == "next" and "direct" in self.effects:
            raise ValueError("the direct effect on the next layer is the total effect: leave direct out of effects")
        if len(set(self.effects)) < len(self.effects):
            raise ValueError(f"effects names one effect twice: {', '.join(self.effects)}")
        listed = {one.layer for one in self.sources.features}
        if self.sources.rule == "listed" and listed != set(self.source_layers):
            raise ValueError(
                f"sources.features are of layers {sorted(listed)}, source_layers are {sorted(self.source_layers)}: "
                "name features of every source layer and of no other"
            )
        if len(set(self.more_controls)) < len(self.more_controls):
            raise ValueError("more_controls names one control twice: name each once")
        if isinstance(self.target_layers, str):
            return self
        if not self.target_layers:
            raise ValueError("target_layers is empty: name later layers, or write all")
        if min(self.source_layers) >= max(self.target_layers):
            raise ValueError(f"no target layer of {self.target_layers} follows a source layer of {self.source_layers}")
        return self

    @model_validator(mode="after")
    def _units_fit(self) -> Self:
        if self.positions != "active" and "direct" in self.effects:
            raise ValueError(
                f"positions = {self.positions} needs total effects: the direct effect holds positions where the source "
                "is silent as they were. Leave direct out of effects"
            )
        if self.unit == CELL and self.cells_draw == "balanced":
            raise ValueError("cells_draw = balanced draws as many cells of each unit: set unit, to donor for instance")
        if self.unit == CELL and self.min_cells > 1:
            raise ValueError(f"min_cells = {self.min_cells} is for units, and unit is cell: set unit, or leave it out")
        return self

    @model_validator(mode="after")
    def _flips_fit(self) -> Self:
        if self.null_flips > self.n_flips:
            raise ValueError(f"null_flips ({self.null_flips}) exceeds n_flips ({self.n_flips})")
        if 0 < self.control_cells < 4:
            raise ValueError(f"control_cells ({self.control_cells}) cannot tell a spread: ask for 4 or more, or 0")
        if self.fine_flips < self.n_flips:
            raise ValueError(f"fine_flips ({self.fine_flips}) is below n_flips ({self.n_flips})")
        return self
