"""Step ``links``: which features of two layers fire together more often than their genes let them."""

import itertools
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import WHOLE, Layer, Layers, Reads, Step, asked_for
from tasks.store import RequestError

Rule = Literal["given_gene", "given_gene_and_label", "published_geneformer", "published_scgpt"]


class LinksSettings(Section):
    """Which layers are held against each other, what a link is, and when it is a highway."""

    wanted: bool = Field(False, description="Whether links between layers are looked for.")
    pairs: Literal["adjacent"] | list[tuple[int, int]] = Field(
        default="adjacent",
        description="Pairs of an earlier and a later layer, [[2, 5], [5, 8]]; adjacent: each layer with an autoencoder "
        "and the next.",
    )
    rule: Rule = Field(
        "given_gene",
        description="What a link is. given_gene: a pair fires together significantly more often than its genes let it; "
        "given_gene_and_label: than its genes and the cells' labels let it; published_geneformer: the 50 pairs of "
        "highest pointwise mutual information of each feature, among 500,000 positions and features that fire at 100 "
        "of them; published_scgpt: pointwise mutual information of 3 bit and 20 joint firings.",
    )
    min_cells: int = Field(
        20, ge=2, description="Rules given a gene: minimum number of cells a feature fires in to be tested."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of the links.")
    min_both: int = Field(20, ge=1, description="Minimum number of joint firings of a link that makes a highway.")
    max_links: int = Field(
        1_000_000,
        ge=1,
        description="Most links kept of two layers. If more are significant, the bound on q falls until so many are "
        "left.",
    )


def pairs_of(settings: LinksSettings, known: Sequence[Layer]) -> list[tuple[int, int]]:
    """Source and target layers. Raises RequestError for an unknown layer, or a pair in the wrong order."""
    layers = sorted(layer for layer in known if layer is not None)
    words = ", ".join(map(str, layers))
    if settings.pairs == "adjacent":
        return list(itertools.pairwise(layers))
    for source, target in settings.pairs:
        unknown = [layer for layer in (source, target) if layer not in layers]
        if unknown:
            raise RequestError(f"links.pairs: no layer {unknown[0]}; layers to choose from: {words}")
        if source >= target:
            raise RequestError(f"links.pairs: [{source}, {target}] must name an earlier layer and a later one")
    return sorted(set(settings.pairs))


def layers(settings: LinksSettings, known: Layers) -> list[Layer]:
    """The source layers."""
    return [*sorted({source for source, _ in pairs_of(settings, known.of("codes"))})]


def linked_layers(settings: LinksSettings, source: Layer, known: Sequence[Layer]) -> list[Layer]:
    """The source layer and its targets."""
    return [source, *(target for first, target in pairs_of(settings, known) if first == source)]


BOTH_ENDS = Reads("source layer and its targets", linked_layers)
STEP = Step(
    name="links",
    title="link features of different layers",
    settings=LinksSettings,
    version=2,
    work="tasks.analyses.links.work:link_layers",
    tables=("cross_layer_summary", "cross_layer_link"),
    reads={"codes": BOTH_ENDS, "describe": BOTH_ENDS, "activations": WHOLE, "cells": WHOLE},
    layers=layers,
    wanted=asked_for,
    how="set links.wanted = true, with autoencoders of two layers or more",
    apart=frozenset({"wanted", "pairs"}),
    on_device=False,
    seconds=2,
)
