"""Settings of the compare step: which other autoencoders are trained."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.sae.settings import SaeSettings, VariantName

VERSION = 2


class CompareSettings(BaseModel):
    """Lists whose every combination is trained; an empty one means what section ``sae`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layers: Literal["all"] | tuple[int, ...] = Field(
        default="all", description="Layers to compare on, of those with an autoencoder."
    )
    variants: tuple[VariantName, ...] = Field(default=(), description="Kinds of autoencoders.")
    expansions: tuple[int, ...] = Field(default=(), description="Features a dimension of the model.")
    ks: tuple[int, ...] = Field(default=(), description="Active features a position, for variants that have k.")
    penalties: tuple[float, ...] = Field(
        default=(), description="Multiples of the variant's usual sparsity coefficient, for variants without k."
    )
    seeds: tuple[int, ...] = Field(default=(), description="Seeds of initial weights.")

    @property
    def empty(self) -> bool:
        """Whether nothing is compared."""
        return not (self.variants or self.expansions or self.ks or self.penalties or self.seeds)


class Comparison(BaseModel):
    """The lists, and the settings that everything compared has in common but for them."""

    model_config = ConfigDict(frozen=True)

    lists: CompareSettings
    common: SaeSettings
