"""What the published labels and links of the Geneformer atlas give by themselves, where the atlas is at hand."""

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.relations.links import shared_genes
from tests.shared import shared_path
from tests.tasks.analyses.test_coherence_published import LAYERS, Atlas, best_sources

GO, NAMED = "GO_BP", ("GO_BP", "KEGG", "Reactome")


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(shared_path("published/geneformer_atlas"))


def by_q(atlas: Atlas, layer: int) -> dict[int, str]:
    """The label of a target: its term of GO with the smallest q."""
    own = {feature: [one for one in terms if one["o"] == GO] for feature, terms in atlas[layer][0].items()}
    return {feature: min(terms, key=lambda one: one["p"])["t"] for feature, terms in own.items() if terms}


def by_place(atlas: Atlas, layer: int) -> dict[int, str]:
    """The label of a source: its first term of three libraries."""
    firsts = {
        feature: next((one["t"] for one in terms if one["o"] in NAMED), None)
        for feature, terms in atlas[layer][0].items()
    }
    return {feature: label for feature, label in firsts.items() if label is not None}


@pytest.mark.slow
def test_the_labels_of_sources_and_of_targets_differ_for_half_of_the_features(atlas):
    pairs = [
        (first[feature], label)
        for layer in LAYERS
        for first in [by_place(atlas, layer)]
        for feature, label in by_q(atlas, layer).items()
        if feature in first
    ]
    assert len(pairs) > 10_000
    assert np.mean([first != label for first, label in pairs]) == pytest.approx(0.50, abs=0.02)


def known_links(atlas: Atlas) -> tuple[dict[str, int], np.ndarray]:
    """Terms by number, and which two share three genes or more, of those that the atlas shows of each."""
    genes: dict[str, set[str]] = {}
    for layer in LAYERS:
        for term, own in _terms(atlas, layer):
            genes.setdefault(term, set()).update(own)
    number, place = {term: row for row, term in enumerate(sorted(genes))}, {}
    entries = [(number[term], place.setdefault(gene, len(place))) for term in number for gene in sorted(genes[term])]
    row, column = np.array(entries).T
    members = csr_matrix((np.ones(len(entries), dtype=np.int32), (row, column)))
    return number, shared_genes(members).published


def _terms(atlas: Atlas, layer: int) -> Iterator[tuple[str, list[str]]]:
    for terms in atlas[layer][0].values():
        for one in terms:
            if one["o"] == GO:
                yield one["t"], one["g"]


@pytest.mark.slow
def test_of_random_edges_between_labels_nine_of_ten_would_be_novel(atlas):
    """88 % was found by random wiring of both atlases' sources; here those of one, each with any labelled target."""
    number, known = known_links(atlas)
    shares = []
    for source in (5, 15):
        own = by_place(atlas, source)
        sources = [number[own[one]] for one in best_sources(*atlas[source]) if own.get(one) in number]
        for target in (layer for layer in LAYERS if layer > source):
            targets = [number[label] for label in by_q(atlas, target).values()]
            pairs = [(one, other) for one in sources for other in targets if one != other]
            shares.append(1 - np.mean([known[pair] for pair in pairs]))
    assert np.mean(shares) == pytest.approx(0.88, abs=0.03)
