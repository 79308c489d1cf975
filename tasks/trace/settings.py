"""Settings of the trace step."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

VERSION = 1  # of the numerical code in this package; part of the step's content key


class TraceSettings(BaseModel):
    """What is ablated, in which cells, how effects are tested, and when a pair is called an edge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source_layers: list[int] = Field(default=[2], min_length=1, description="Layers whose features are ablated.")
    target_layers: Literal["all"] | list[int] = Field(
        default="all", description="Layers whose features are read; all: every later layer with an autoencoder."
    )
    n_cells: int = Field(default=64, ge=2, le=65_535, description="Cells to trace in; all of the split if fewer.")
    cells_split: Literal["train", "heldout"] = Field(
        default="heldout", description="Which cells: those that trained the autoencoders, or those kept out."
    )
    seed: int = Field(default=0, ge=0, description="Seed of the cell draw, the sign flips and the controls.")
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
    null_flips: int = Field(
        default=50, ge=2, description="Sign flips behind the expected number of pairs that pass a rule by chance."
    )
    effect_min: float = Field(default=0.5, ge=0, description="Least |d| or |g| of an edge, exclusive.")
    consistency_min: float = Field(default=0.7, ge=0.5, lt=1, description="Least sign agreement, exclusive.")
    nonzero_min: int = Field(default=8, ge=1, description="Fewest cells with a non-zero effect of a calibrated edge.")
    q_max: float = Field(default=0.05, gt=0, lt=1, description="Largest q of a calibrated edge.")
    n_controls: int = Field(default=16, ge=1, description="Source features that are traced again as controls.")
    feature_block: int = Field(default=64, ge=1, description="Source features of one unit of work.")
    batch_tokens: int = Field(
        default=1024, ge=1, description="Tokens that pass through a block at once; a few thousand more on a GPU."
    )

    @model_validator(mode="after")
    def _targets_follow_sources(self) -> Self:
        if self.target_layers != "all" and not self.target_layers:
            raise ValueError("target_layers is empty: name later layers, or write all")
        if self.target_layers != "all" and min(self.source_layers) >= max(self.target_layers):
            raise ValueError(f"no target layer of {self.target_layers} follows a source layer of {self.source_layers}")
        return self

    @model_validator(mode="after")
    def _null_within_flips(self) -> Self:
        if self.null_flips > self.n_flips:
            raise ValueError(f"null_flips ({self.null_flips}) exceeds n_flips ({self.n_flips})")
        return self
