"""Step ``unannotated``: which features without annotation share genes by more than chance."""

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Reads, Step, asked_for, layers_of


class UnannotatedSettings(Section):
    """Which genes of a feature count, what joins two features, and what a cluster is held against."""

    wanted: bool = Field(False, description="Whether features without annotation are clustered by their genes.")
    genes: int = Field(20, ge=3, le=500, description="First genes of a feature that are compared.")
    percentile: float = Field(
        99.9,
        gt=50,
        lt=100,
        description="Percentile of the likeness of random lists above which two features are joined.",
    )
    resolution: float = Field(1.0, gt=0, description="Resolution of the Leiden algorithm.")
    null_draws: int = Field(20, ge=19, description="Random draws of all gene lists that clusters are held against.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of clusters and of their gene sets.")
    min_set: int = Field(5, ge=1, description="Smallest gene set tested, counted in genes of the background.")
    max_set: int = Field(500, ge=1, description="Largest gene set tested, counted in genes of the background.")
    seed: int = Field(0, ge=0, description="Seed of the random lists and the Leiden algorithm.")


STEP = Step(
    name="unannotated",
    title="cluster features without annotation",
    settings=UnannotatedSettings,
    version=2,
    work="tasks.analyses.unannotated.work:cluster_unannotated",
    tables=("novel_summary", "novel_cluster", "novel_cluster_feature", "novel_cluster_gene"),
    reads={
        "describe": SAME_LAYER,
        "modules": Reads("same layer, if there are any", SAME_LAYER.choose, optional=True),
        "references": WHOLE,
        "activations": WHOLE,
        "cells": WHOLE,
    },
    layers=layers_of("codes"),
    wanted=asked_for,
    how="set unannotated.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=3,
)
