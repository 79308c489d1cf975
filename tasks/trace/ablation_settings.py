"""Settings of what is done to a source feature, and where its effects are read."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tasks.causal.reading import Reading
from tasks.section import Section

WORDS = {
    "zero": "features taken out",
    "mean": "features set to their mean",
    "resample": "features set to other values of theirs",
}
WHERE = {"silent": "where the source is silent", "all": "at all genes of the cell"}


class AblationSettings(Section):
    """How a feature's activations are changed where it is active, and at which positions effects are read."""

    ablation: Literal["zero", "mean", "resample", "scale"] = Field(
        default="zero",
        description="What is put in the place of a source feature's activations, where it is active. zero: nothing; "
        "mean: its mean over all gene positions of the traced cells, those included where it is silent; resample: at "
        "every position one of its own active values, drawn by seed, which asks whether it matters how strongly the "
        "feature fires and leaves the sign of an effect without meaning; scale: its activation times multiplier.",
    )
    multiplier: float = Field(
        default=0.0,
        description="The dose: what activations are multiplied by where the ablation is scale, as it is if this alone "
        "is set. 0.5 halves them, 2 doubles them. Above 1, a positive effect says that the source supports the target.",
    )
    positions: Reading = Field(
        default="active",
        description="Gene positions of a cell over which an effect is averaged. active: where the source is active; "
        "silent: where it is not, so that whatever changes there came through attention; all: both. Other positions "
        "than active ones need total effects, and cost the last block in full and the encoding of every gene.",
    )

    @property
    def unusual(self) -> str:
        """What was done and where it was read, in words; empty where features are taken out and read where active."""
        done = WORDS.get(self.ablation, f"features multiplied by {self.multiplier:g}")
        read = f"effects read {WHERE[self.positions]}" if self.positions != "active" else ""
        return "; ".join(part for part in (done if self.ablation != "zero" or read else "", read) if part)

    @model_validator(mode="before")
    @classmethod
    def _dose_alone_scales(cls, raw: object) -> object:
        """A study that names a dose and no ablation scales, as it did when there was no other."""
        alone = isinstance(raw, dict) and raw.get("multiplier") and "ablation" not in raw
        return {**raw, "ablation": "scale"} if isinstance(raw, dict) and alone else raw

    @model_validator(mode="after")
    def _dose_fits(self) -> Self:
        if self.multiplier == 1:
            raise ValueError("multiplier = 1 changes nothing: leave it out, or set 2 to double activations")
        if self.ablation == "scale" and not self.multiplier:
            raise ValueError('ablation = "scale" needs a multiplier; 0 takes a feature out: that is ablation = "zero"')
        if self.ablation != "scale" and self.multiplier:
            raise ValueError(
                f'multiplier = {self.multiplier:g} is the dose of ablation = "scale", and ablation is {self.ablation}: '
                "set that, or leave multiplier out"
            )
        return self


def sense_of(ablation: str | None, multiplier: float | None) -> int:
    """-1 where a feature is weakened, so that it supports what then falls; 1 where it is strengthened; 0: neither.

    Both as in table criterion, where runs made before there was a choice have none.
    """
    if ablation == "resample":
        return 0
    return 1 if ablation == "scale" and multiplier is not None and multiplier > 1 else -1
