"""Step ``subspace``: hold the features of every autoencoder against the principal axes of its layer."""

from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of


class SubspaceSettings(Section):
    """Of how many positions the axes are, and which share is tested."""

    wanted: bool = Field(False, description="Whether features are held against principal axes.")
    positions: int = Field(
        500_000,
        ge=2,
        description="Positions of training cells behind the covariance, evenly spaced over all of them; the published "
        "studies took 50,000.",
    )
    tested: Literal["k", "50", "128", "256"] = Field(
        "k",
        description="Number of first axes whose share of a direction is tested: as many as features are active at a "
        "position (k), or so many.",
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of directions inside the axes' span.")
    seed: int = Field(0, ge=0, description="Seed of the random dictionary.")


STEP = Step(
    name="subspace",
    title="hold features against principal axes",
    settings=SubspaceSettings,
    version=1,
    work="tasks.analyses.subspace.work:compare_with_axes",
    tables=("feature_subspace", "svd_axis", "subspace_histogram", "svd_layer"),
    reads={"codes": SAME_LAYER, "sae": SAME_LAYER, "activations": WHOLE, "cells": WHOLE},
    layers=layers_of("codes"),
    wanted=asked_for,
    how="set subspace.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=1.5,
)
