"""Settings of the compare step: which other autoencoders are trained."""

from typing import Literal

from pydantic import Field

from tasks.sae.settings import VariantName
from tasks.section import Section


class CompareSettings(Section):
    """Lists whose every combination is trained; an empty one means what section ``sae`` says."""

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
