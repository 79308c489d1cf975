"""The published rules: labels over-represented among the tenth of cells in which a feature is most active.

1. A cell's value is the mean activation over the positions where the feature fires; features of fewer than 10 active
   cells are left out.
2. ``geneformer``: the cells with at least the value of the last place of the tenth, ties included; all active cells
   if these are no more. ``scgpt``: as many cells as the tenth has, active or not. Which inactive ones fill it, the
   published code leaves to its sort, which takes mostly the last cells of the file; here it takes exactly those.
3. Fisher's exact test, one-sided, of every label of at least 3 cells: top cells against the label.
4. Benjamini-Hochberg within the feature: ``geneformer`` over all such labels, ``scgpt`` over those in the top.

Neither knows of depth, donors or the other features, and the second calls rare features for whatever stands last.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from tasks.statistics import benjamini_hochberg
from tasks.statistics.overlap_law import hypergeometric_law, upper_tail

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rule = Literal["geneformer", "scgpt"]
RULES: tuple[Rule, ...] = ("geneformer", "scgpt")
SHARE, FEWEST_ACTIVE, FEWEST_CELLS = 0.1, 10, 3
BLOCK = 512  # features whose cells are sorted at once


@dataclass(frozen=True)
class TopCells:
    """Of F features: their top among n cells, sparse [F, n]; rows of features that are left out are empty."""

    rule: Rule
    top: csr_matrix


@dataclass(frozen=True)
class TopLabels:
    """Top cells with each of T labels, p, q and odds ratio: [F, T]; p and q are NaN where nothing is tested."""

    overlap: Ints
    n_top: Ints
    p: Floats
    q: Floats
    odds: Floats


def top_cells(when_active: csr_matrix, rule: Rule) -> TopCells:
    """Steps 1 and 2 for mean activations where active [n, F]."""
    n, n_features = when_active.shape
    place = int(SHARE * n)
    parts = []
    for first in range(0, n_features, BLOCK):
        dense = when_active[:, first : first + BLOCK].toarray()
        active = np.count_nonzero(dense, axis=0)
        if rule == "geneformer":
            bar = np.sort(dense, axis=0)[::-1][max(place - 1, 0)]
            chosen = (dense > 0) & (dense >= np.where(active <= place, 0.0, bar))
        else:
            order = n - 1 - np.argsort(-dense[::-1], axis=0, kind="stable")[:place]
            chosen = np.zeros(dense.shape, dtype=bool)
            np.put_along_axis(chosen, order, True, axis=0)
        chosen[:, active < FEWEST_ACTIVE] = False
        parts.append(csr_matrix(chosen.T.astype(np.int64)))
    top = csr_matrix(vstack(parts)) if parts else csr_matrix((0, n), dtype=np.int64)
    return TopCells(rule, top)


def top_labels(cells: TopCells, code: Ints, n_labels: int) -> TopLabels:
    """Steps 3 and 4 for labels ``code`` [n] from 0 to n_labels - 1."""
    n = code.size
    belongs = csr_matrix((np.ones(n, dtype=np.int64), (np.arange(n), code)), shape=(n, n_labels))
    overlap = np.asarray((cells.top @ belongs).toarray(), dtype=np.int64)
    n_top, sizes = np.diff(cells.top.indptr).astype(np.int64), np.bincount(code, minlength=n_labels)
    p, q = np.full(overlap.shape, np.nan), np.full(overlap.shape, np.nan)
    distinct, row = np.unique(n_top, return_inverse=True)
    for label in np.flatnonzero(sizes >= FEWEST_CELLS):
        tail = upper_tail(hypergeometric_law(n, int(sizes[label]), distinct))
        p[:, label] = tail[row, overlap[:, label]]
    p[n_top == 0] = np.nan
    if cells.rule == "scgpt":
        p[overlap == 0] = np.nan
    for feature in range(len(p)):
        own = ~np.isnan(p[feature])
        q[feature, own] = benjamini_hochberg(p[feature, own])
    return TopLabels(overlap, n_top, p, q, _odds(overlap, n_top[:, None], sizes, n))


def _odds(overlap: Ints, n_top: Ints, sizes: Ints, n: int) -> Floats:
    """a d / (b c) of the four cells; infinite where b c is 0."""
    a, b, c = overlap, n_top - overlap, sizes - overlap
    d = n - n_top - sizes + overlap
    top, bottom = (a * d).astype(np.float64), (b * c).astype(np.float64)
    found: Floats = np.divide(top, bottom, out=np.where(top > 0, np.inf, 0.0), where=bottom > 0)
    return found
