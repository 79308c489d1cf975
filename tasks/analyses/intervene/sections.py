"""Sections within settings of step ``intervene``: a change, an intervention of several, a score of the cell."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.interventions.kinds import Kind
from tasks.section import Section

NAME = r"^[A-Za-z0-9_-]+$"


class ChangeSettings(Section):
    """What is done to one feature."""

    feature: int = Field(ge=0, description="Number of the feature in the layer's autoencoder.")
    layer: int | None = Field(None, ge=0, description="Layer of the feature, if not that of the intervention.")
    kind: Kind = Field(
        "scale",
        description="scale: activations times amount, 0 takes the feature out; clamp: activations become amount where "
        "the feature is active; clamp_all: at every gene; add: amount is added at every gene.",
    )
    amount: float | None = Field(None, description="Factor of scale, 0 if left out; of others the activation.")
    quantile: float | None = Field(
        None,
        gt=0,
        le=1,
        description="In place of amount: this quantile of the activations where the feature is active.",
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.kind == "scale":
            if self.quantile is not None:
                raise ValueError("quantile is of clamp, clamp_all and add: scale takes an amount")
            if self.amount == 1:
                raise ValueError(f"feature {self.feature} is scaled by 1, which changes nothing: 0 takes it out")
        elif (self.amount is None) == (self.quantile is None):
            raise ValueError(f"{self.kind} of feature {self.feature} needs an amount or a quantile, one of the two")
        if self.kind == "add" and self.amount == 0:
            raise ValueError(f"0 is added to feature {self.feature}, which changes nothing: name an amount")
        return self


class InterventionSettings(Section):
    """One intervention: features that are changed together, of one layer or of several."""

    name: str = Field(pattern=NAME, description="What the tables call it.")
    layer: int = Field(ge=0, description="Layer of its features, where a change names no other.")
    changes: tuple[ChangeSettings, ...] = Field(
        min_length=1,
        description="What is done to its features. Those of a later layer are read after the earlier changes.",
    )

    @property
    def placed(self) -> list[tuple[int, ChangeSettings]]:
        """Changes with their layers, in the order in which they act."""
        found = [(self.layer if one.layer is None else one.layer, one) for one in self.changes]
        return sorted(found, key=lambda pair: (pair[0], pair[1].feature))

    @model_validator(mode="after")
    def _once(self) -> Self:
        features = [(layer, one.feature) for layer, one in self.placed]
        if len(set(features)) < len(features):
            raise ValueError(f"intervention {self.name} names a feature twice")
        return self


class ScoreSettings(Section):
    """A score of the whole cell, learnt from cells that are not measured: of a label, or of a list of genes."""

    name: str = Field(pattern=NAME, description="What the tables call it.")
    label: str | None = Field(None, description="Column of labels, cell_type or another that cells.obs keeps.")
    value: str | None = Field(None, description="The label: its cells are held against all others that have one.")
    genes: tuple[str, ...] = Field((), description="In place of a label: symbols, or ids, of genes.")
    gene_set: str | None = Field(
        None,
        description="In place of genes: a set of [references], as library: name (reactome: REACTOME_TRANSLATION).",
    )
    against: tuple[str, ...] = Field((), description="Genes that these are held against; none: all other genes.")

    @property
    def readouts(self) -> tuple[Literal["signature", "marker", "probability"], ...]:
        """Read-outs that it has."""
        return ("signature", "marker", "probability") if self.label else ("marker",)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(map(bool, (self.label, self.genes, self.gene_set))) != 1:
            raise ValueError(f"score {self.name} needs a label, genes or a gene_set, one of the three")
        if (self.label is None) != (self.value is None):
            raise ValueError(f"score {self.name}: label and value go together: give both or neither")
        if self.label and self.against:
            raise ValueError(f"score {self.name}: cells of a label are held against all others: leave against out")
        if both := set(map(str.upper, self.genes)) & set(map(str.upper, self.against)):
            raise ValueError(f"score {self.name}: {min(both)} is among genes and against: name it once")
        return self
