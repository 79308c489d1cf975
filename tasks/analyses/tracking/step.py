"""Step ``tracking``: which directions of one layer's autoencoder are found again in another layer's."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import EVERY_LAYER, WHOLE, Layer, Layers, Reads, Step, asked_for, one_folder


class TrackingSettings(Section):
    """Which layers are compared, and what counts as the same direction."""

    wanted: bool = Field(False, description="Whether directions are tracked over layers.")
    pairs: Literal["adjacent", "all"] = Field(
        "adjacent", description="Pairs of layers whose features are matched: each layer with the next one, or all."
    )
    level: float = Field(
        0.01,
        gt=0,
        lt=1,
        description="Share of the features of a layer that a random dictionary of equal covariance may match.",
    )
    null_draws: int = Field(5, ge=1, description="Random dictionaries per pair of layers behind the null rate.")
    interval_draws: int = Field(1000, ge=100, description="Draws of features behind the intervals.")
    seed: int = Field(0, ge=0, description="Seed of the random dictionaries and the intervals.")


def layers(settings: TrackingSettings, known: Layers) -> Sequence[Layer]:
    """One folder for the whole study; none if there is one layer only."""
    return one_folder(settings, known) if len(known.of("sae")) > 1 else []


STEP = Step(
    name="tracking",
    title="find directions again in other layers",
    settings=TrackingSettings,
    version=1,
    work="tasks.analyses.tracking.work:track",
    tables=("persistence", "feature_match", "feature_life", "lifecycle", "lifecycle_span"),
    reads={
        "sae": EVERY_LAYER,
        "codes": EVERY_LAYER,
        "describe": EVERY_LAYER,
        "compare": Reads("all layers, if there is any", EVERY_LAYER.choose, optional=True),
        "activations": WHOLE,
    },
    layers=layers,
    wanted=asked_for,
    how="set tracking.wanted = true, with autoencoders of two layers or more",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=5,
)
