"""Step ``transfer``: whether degrees, edges and gene pairs of one study are found again in another one."""

from collections.abc import Sequence

from pydantic import Field

from tasks.analyses.edge_choice import LATER, EdgeChoice
from tasks.step import SAME_LAYER, WHOLE, Layer, Reads, Step, asked_for, layers_of
from tasks.store import RequestError


class TransferSettings(EdgeChoice):
    """Which edges are compared with those of the studies named under ``with``."""

    wanted: bool = Field(
        False,
        description="Whether degrees and edges are held against those of the studies named under with: other cells and "
        "the same autoencoders (another trace.cells_where), other sources (trace.sources), or other autoencoders.",
    )
    genes: int = Field(10, ge=1, le=100, description="First genes of a feature that stand for it in pairs of genes.")
    n_draws: int = Field(999, ge=99, description="Permutations behind each p, and draws behind each interval.")
    seed: int = Field(0, ge=0, description="Seed of the permutations.")


def traced_there(_settings: TransferSettings, layer: Layer, known: Sequence[Layer]) -> list[Layer]:
    """The unit's layer. Raises RequestError if the other study does not trace it."""
    if layer not in known:
        traced = ", ".join(map(str, known)) or "none"
        raise RequestError(
            f"transfer.wanted: layer {layer} is traced here, and a study named under with traces layers {traced}: set "
            "trace.source_layers alike"
        )
    return [layer]


ALSO = Reads("same layer, if there is any", SAME_LAYER.choose, optional=True)

STEP = Step(
    name="transfer",
    title="hold edges against those of other cells",
    settings=TransferSettings,
    version=3,
    work="tasks.analyses.transfer.work:compare_studies",
    tables=(
        "transfer_summary",
        "transfer_edge",
        "run_pair_stability",
        "source_contrast",
        "paired_gene_pair",
        "class_contrast",
    ),
    reads={"trace": SAME_LAYER, "describe": LATER, "effect_sizes": ALSO, "cells": WHOLE},
    reads_others={
        "trace": Reads("same layer", traced_there),
        "describe": LATER,
        "effect_sizes": ALSO,
        "cells": WHOLE,
    },
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set transfer.wanted = true and name another study under with",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=5,
)
