"""Settings of which source features are traced."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.section import Section


class SourceFeature(Section):
    """One feature that a study names."""

    layer: int = Field(ge=0, description="Layer of the feature.")
    feature: int = Field(ge=0, description="Its number in that layer's autoencoder.")


class SourceSettings(Section):
    """Which features are traced, of those that are active in a traced cell and frequent enough."""

    rule: Literal["all", "ranked", "random", "stratified", "listed"] = Field(
        default="all",
        description="all: every such feature; ranked: the first by 10 libraries + terms - log10 of the smallest q, as "
        "in published circuits; random: drawn by seed; stratified: as many of each quarter of firing frequency, with "
        "and without a significant term; listed: those of trace.sources.features. What a drawn sample says of all "
        "features follows from trace_source.inclusion_probability; a ranked one speaks of its own features alone.",
    )
    n: int = Field(
        default=30, ge=1, description="Sources of a layer, where the rule ranks or draws them; all if fewer."
    )
    pool: Literal["living", "annotated"] = Field(
        default="living",
        description="What random draws from: living, every such feature; annotated, those with a significant term, ten "
        "genes or more and a firing frequency of at least 0.01, from which ranked takes its features as well.",
    )
    features: tuple[SourceFeature, ...] = Field(
        default=(), description="The features to trace where the rule is listed, as {layer = 2, feature = 9}."
    )

    @property
    def needs_catalogue(self) -> bool:
        """Whether features are chosen by what is known of them."""
        return self.rule in ("ranked", "stratified") or (self.rule == "random" and self.pool == "annotated")

    def of_layer(self, layer: int) -> list[int]:
        """Numbers of the listed features of a layer, ascending."""
        return sorted(one.feature for one in self.features if one.layer == layer)

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if (self.rule == "listed") != bool(self.features):
            what = "names no feature" if self.rule == "listed" else f"is set, but sources.rule is {self.rule}"
            raise ValueError(f"sources.features {what}: the rule listed, and no other, takes them")
        if len(set(self.features)) < len(self.features):
            raise ValueError("sources.features names a feature twice: name each once")
        if self.pool == "annotated" and self.rule != "random":
            raise ValueError(f"sources.pool is for the rule random; {self.rule} knows what it takes features from")
        return self
