"""The graph whose communities are modules: which features are joined, and how strongly, by each rule.

``given_gene`` and ``given_gene_and_label`` join pairs that are significant given the stratum (``codes.pair_tests``),
with the correlation of their firing given the stratum as weight.

``cells`` joins pairs whose cell-level mean activations correlate (Pearson) by at least ``min_correlation``, with weight
r. It is not tested, and features of the same genes correlate by that alone.

``published`` joins pairs with n >= 50 joint firings and PMI = log2(n N / (n_i n_j)) >= 2, with weight PMI. Most of what
it joins fires on the same genes. Whatever the rule, the expected number given the gene and z stand beside each pair.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.modules.step import ModulesSettings
from tasks.codes.axes import read_axes
from tasks.codes.firing_sums import cell_means, sum_firings
from tasks.codes.joint import count_both, count_by_stratum, places
from tasks.codes.pair_tests import BYTES_PER_PAIR, Association, associate, read_strata, strongest_pairs
from tasks.codes.reader import CodesReader
from tasks.step import Inputs
from tasks.store.memory import require_memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CELL_BLOCK = 4096  # cells held densely at once
PUBLISHED_BOTH, PUBLISHED_PMI = 50, 2.0


@dataclass(frozen=True)
class Graph:
    """The features that could be grouped, int64 [U], ascending, and the joined pairs of them.

    ``pairs``: first < second (indices of ``features``), weight, and what table ``module_edge`` says of each.
    """

    features: Ints
    pairs: pl.DataFrame

    @property
    def ends(self) -> Ints:
        """Both ends of every pair: [E, 2]."""
        ends: Ints = self.pairs.select("first", "second").to_numpy().astype(np.int64)
        return ends


def join_features(settings: ModulesSettings, inputs: Inputs, codes: CodesReader, features: Ints) -> Graph:
    """Join ``features`` by the rule of the settings.

    Raises RequestError if there are too many for the memory, or if the rule needs labels that the cells do not bear.
    """
    require_memory(BYTES_PER_PAIR * features.size**2, f"testing {features.size} features", "raise modules.min_cells")
    by_label = settings.rule == "given_gene_and_label"
    strata = read_strata(inputs.folder("activations"), inputs.folder("cells") if by_label else None)
    require_memory(
        4 * features.size * strata.size.size,
        f"counting {features.size} features in {strata.size.size} strata",
        "raise modules.min_cells" + (", or set modules.rule = given_gene" if by_label else ""),
    )
    place = places(features, codes.n_features)
    both = count_both(((chunk, chunk) for chunk in codes), place, place)
    fires = count_by_stratum(codes, place, strata.of_position, strata.size.size)
    found = associate(both, fires, fires, strata.size)
    if settings.rule == "cells":
        axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
        means = cell_means(sum_firings(codes, axes, codes.n_features), axes)[:, features]
        return Graph(features, by_cells(found, means, settings, codes.n_positions))
    joined = by_pmi if settings.rule == "published" else by_test
    return Graph(features, joined(found, settings, codes.n_positions))


def by_test(found: Association, settings: ModulesSettings, n_positions: int) -> pl.DataFrame:
    """Significant pairs, at most ``max_pairs``: those of smallest q, and of largest z among equals."""
    pairs, _ = strongest_pairs(found, settings.alpha, settings.max_pairs)
    strength = found.strength(pairs.first, pairs.second)
    return _pairs(found, pairs.first, pairs.second, n_positions, weight=strength, q=pairs.q)


def by_pmi(found: Association, _settings: ModulesSettings, n_positions: int) -> pl.DataFrame:
    """The published rule."""
    first, second = np.nonzero(np.triu(found.both >= PUBLISHED_BOTH, k=1))
    pmi = found.pmi(first, second, n_positions)
    joined = pmi >= PUBLISHED_PMI
    return _pairs(found, first[joined], second[joined], n_positions, weight=pmi[joined])


def by_cells(found: Association, means: csr_matrix, settings: ModulesSettings, n_positions: int) -> pl.DataFrame:
    """Pairs whose cell-level means [C, U] correlate."""
    r = np.triu(correlations(means), k=1)
    first, second = np.nonzero(r >= settings.min_correlation)
    return _pairs(found, first, second, n_positions, weight=r[first, second], correlation=r[first, second])


def correlations(means: csr_matrix) -> Floats:
    """Pearson correlations of the columns, 0 where a column does not vary: [C, F] -> [F, F]."""
    n_cells, n_features = means.shape
    gram, total = np.zeros((n_features, n_features)), np.zeros(n_features)
    for start in range(0, n_cells, CELL_BLOCK):
        block = means[start : start + CELL_BLOCK].toarray()
        gram += block.T @ block
        total += block.sum(axis=0)
    covariance = gram - np.outer(total, total) / max(n_cells, 1)
    deviation = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    scale = np.outer(deviation, deviation)
    r: Floats = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    return r


def _pairs(found: Association, first: Ints, second: Ints, n_positions: int, **given: Floats) -> pl.DataFrame:
    both = found.both[first, second]
    pmi = np.full(first.size, np.nan)
    fired = both > 0
    pmi[fired] = found.pmi(first[fired], second[fired], n_positions)
    nothing = dict.fromkeys(("correlation", "q"), pl.Series([None] * first.size, dtype=pl.Float64))
    columns = {"expected": found.null.mean[first, second], "z": found.z(first, second), "pmi": pl.Series(pmi)}
    frame = pl.DataFrame({"first": first, "second": second, "n_both": both, **columns, **nothing, **given})
    return frame.with_columns(pl.col("pmi").fill_nan(None))
