"""Chance levels of shared terms in the published Geneformer atlas, where it is at hand.

Sources are chosen as published: 30 of the features that fire on 1 % of positions or more and list ten genes, by number
of libraries, number of terms and smallest q. Targets are any annotated features of later layers.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.analyses.coherence.sharing import Annotated, Wiring, annotated, exact_mean, one_bin, sharing
from tests.shared import shared_path

LAYERS = (*range(4, 11), *range(12, 18))  # those with published annotations
NO_TERMS = ("STRING_edges", "TRRUST_edges", "TRRUST_TF_enrichment")  # the constants that stand for networks
Terms = dict[int, list[dict[str, object]]]


@pytest.fixture(scope="module")
def atlas() -> "Atlas":
    return Atlas(shared_path("published/geneformer_atlas"))


class Atlas(dict):
    """Layers by number, read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, layer: int) -> tuple[Terms, pl.DataFrame, dict[int, int]]:
        self[layer] = read_layer(self.folder, layer)
        return self[layer]


def read_layer(folder: Path, layer: int) -> tuple[Terms, pl.DataFrame, dict[int, int]]:
    """Terms, frequencies and number of listed genes by feature."""
    rows = json.loads((folder / f"layer_{layer:02d}_annotations.json").read_text())
    terms = {int(feature): row["anns"] for feature, row in rows.items() if row["anns"]}
    features = json.loads((folder / f"layer_{layer:02d}_features.json").read_text())
    frequency = pl.DataFrame({"feature": [one["i"] for one in features], "frequency": [one["f"] for one in features]})
    return terms, frequency, {int(feature): len(row["genes"]) for feature, row in rows.items()}


def best_sources(terms: Terms, frequency: pl.DataFrame, n_genes: dict[int, int]) -> list[int]:
    fires = dict(frequency.iter_rows())
    pool = [one for one in sorted(terms) if n_genes[one] >= 10 and fires[one] >= 0.01]
    return sorted(pool, key=lambda one: -score(terms[one]))[:30]


def score(terms: list[dict[str, object]]) -> float:
    smallest = min((one["p"] for one in terms if one.get("p") is not None), default=1)
    return 10 * len({one["o"] for one in terms}) + len(terms) - float(np.log10(max(smallest, 1e-30)))


def ends(atlas, source: int, target: int, bare: bool, placeholders: bool = True) -> tuple[Annotated, Annotated]:
    vocabulary: dict[str, int] = {}
    found = []
    for layer in (source, target):
        rows = [
            (feature, one["t"] if bare else f"{one['o']}::{one['t']}")
            for feature, own in atlas[layer][0].items()
            for one in own
            if placeholders or one["o"] not in NO_TERMS
        ]
        frame = pl.DataFrame(rows, schema=["feature", "term"], orient="row")
        found.append(annotated(frame, atlas[layer][1], vocabulary))
    return found[0], found[1]


def chance(atlas, source: int, least: float = 0.0) -> float:
    """Mean over later layers of the share expected of the sources' edges to any annotated target."""
    chosen = np.array(best_sources(*atlas[source]))
    shares = []
    for target in (layer for layer in LAYERS if layer > source):
        one, other = ends(atlas, source, target, bare=True)
        offered = np.flatnonzero(other.frequency >= least)
        matched = Annotated(other.feature[offered], other.terms[offered], other.frequency[offered])
        wiring = Wiring.of((chosen, np.full(chosen.size, matched.feature[0])), one, matched)
        matrix = wiring.exchange(sharing(one, matched))
        shares.append(exact_mean(matrix, one_bin(wiring, matched).bin) / chosen.size)
    return float(np.mean(shares))


def layer_5(*values: float):
    """A case of layer 5, which reads all layers."""
    return pytest.param(5, *values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("source", "least", "published"), [layer_5(0.0, 0.264), layer_5(0.01, 0.288), (15, 0.0, 0.247), (15, 0.01, 0.261)]
)
def test_chance_level_of_the_published_sources(atlas, source, least, published):
    assert chance(atlas, source, least) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize(("source", "published"), [layer_5(0.218), (15, 0.198)])
def test_chance_level_without_what_is_no_term(atlas, source, published):
    """Of targets annotated by anything, as counted for the others."""
    chosen, shares = best_sources(*atlas[source]), []
    for target in (layer for layer in LAYERS if layer > source):
        one, other = ends(atlas, source, target, bare=True, placeholders=False)
        rows = np.searchsorted(one.feature, [feature for feature in chosen if feature in one.feature])
        shares.append(sharing(one, other)[rows].sum() / (30 * len(atlas[target][0])))
    assert np.mean(shares) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize(("source", "published"), [layer_5(0.086), (15, 0.068)])
def test_shuffled_terms_say_a_third_of_it(atlas, source, published):
    """The published shuffle's mean is the share of all pairs of annotated features; the figures are of few draws."""
    shares = [
        sharing(*ends(atlas, source, target, bare=False)).mean() for target in (one for one in LAYERS if one > source)
    ]
    assert np.mean(shares) == pytest.approx(published, abs=0.008)
    assert np.mean(shares) < chance(atlas, source) / 3
