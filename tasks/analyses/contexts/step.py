"""Step ``contexts``: the cells where every feature fires, gene by gene, its activation by cell type, a map of cells."""

from pydantic import Field

from tasks.section import Section
from tasks.step import EVERY_LAYER, WHOLE, Step, asked_for


class ContextsSettings(Section):
    """How many cells of a feature are kept, and how much of each."""

    wanted: bool = Field(False, description="Whether whole cells are kept in which features fire.")
    strongest: int = Field(5, ge=1, description="Strongest cells of a feature whose firings are kept gene by gene.")
    others: int = Field(
        2,
        ge=0,
        description="Cells in the middle of a feature's cells, and as many weakest ones, kept gene by gene too.",
    )
    firings: int = Field(64, ge=1, description="Firings kept of a feature in one such cell, the strongest ones.")
    known: int = Field(
        50,
        ge=1,
        description="Strongest cells of a feature whose activation is kept as two numbers, for the map of cells.",
    )
    token_cells: int = Field(
        10_000, ge=0, description="Cells whose genes are all kept, in order; first those that most features fire in."
    )
    map_cells: int = Field(
        10_000, ge=2, description="Cells on the map, evenly spaced over all of them where there are more."
    )
    seed: int = Field(0, ge=0, description="Seed of the map.")


STEP = Step(
    name="contexts",
    title="keep the cells where features fire",
    settings=ContextsSettings,
    version=1,
    work="tasks.analyses.contexts.work:keep_contexts",
    tables=("feature_cell", "feature_context", "feature_label_quantile", "cell_token", "cell_map"),
    reads={"codes": EVERY_LAYER, "activations": WHOLE, "cells": WHOLE},
    wanted=asked_for,
    how="set contexts.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=20,
)
