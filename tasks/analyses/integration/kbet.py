"""kBET within cell types: whether a cell's neighbours are of the batches that its type is of (Buettner et al. 2019).

1. The graph of neighbours among the cells of a type. A type of fewer than ``SMALLEST`` cells, or of one batch, has no
   value.
2. k is a quarter of the mean number of cells of its batches, 10 at least and 70 at most. Connected parts of fewer than
   3 k cells are left out; if less than ``SHARE`` of the cells are left, all are rejected.
3. Neighbours by diffusion, in every part: with the graph W, q its row sums, K = W / (q q'), z the row sums of K, and
   T = K / sqrt(z z'). A cell lies at e / (1 - e) v, (e, v) the ``N_COMPONENTS`` eigenpairs of largest |e|; the first
   one, e = 1, counts once. The k + 1 nearest cells, itself first.
4. Chi-squared test of the batches of these against those of all cells that are left; accepted if p >= ``ALPHA``.

Of several parts scib-metrics makes one embedding, whose rounding decides whether neighbours cross from part to part;
here they never do.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh
from scipy.special import chdtrc

from tasks.analyses.integration.neighbours import Neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SMALLEST, SHARE, ALPHA, N_COMPONENTS = 10, 0.75, 0.05, 100
FEWEST, MOST = 10, 70  # neighbours
NEARLY_ONE = 1 - 1e-6
DENSE = 3  # whole spectra are computed where a third of it is wanted


def accepted_cells(graph: csr_matrix, batch: Ints, label: Ints) -> Floats:
    """1 where the batches around a cell are those of its type, 0 where not, NaN where nothing can be said: [n]."""
    found = np.full(len(batch), np.nan)
    for one in np.unique(label):
        cells = np.flatnonzero(label == one)
        if len(cells) >= SMALLEST and len(np.unique(batch[cells])) > 1:
            found[cells] = _within(csr_matrix(graph[cells][:, cells]), batch[cells])
    return found


def _within(graph: csr_matrix, batch: Ints) -> Floats:
    """Steps 2 to 4 for the cells of a type."""
    names, own = np.unique(batch, return_inverse=True)
    k = int(np.clip(len(batch) / len(names) // 4, FEWEST, MOST))
    _, part = connected_components(graph, directed=False)
    sizes = np.bincount(part)
    large = sizes >= 3 * k if len(sizes) > 1 else sizes > 0
    left = large[part]
    if left.mean() < SHARE:
        return np.zeros(len(batch))
    found, expected = np.full(len(batch), np.nan), np.bincount(own[left], minlength=len(names)) / left.sum()
    if np.count_nonzero(expected) < 2:
        return found
    for one in np.flatnonzero(large):
        cells = np.flatnonzero(part == one)
        near = diffusion_neighbours(csr_matrix(graph[cells][:, cells]), min(k + 1, len(cells)))
        found[cells] = accepted(own[cells][near.index], expected)
    return found


def accepted(batches: Ints, expected: Floats) -> Floats:
    """Step 4 for neighbours' ``batches`` [n, k], numbered as ``expected`` [B], the share of each: 0 or 1 [n]."""
    there = np.flatnonzero(expected)
    observed = np.stack([(batches == one).sum(axis=1) for one in there], axis=1)
    wanted = expected[there] * batches.shape[1]
    statistic = (np.square(observed - wanted) / wanted).sum(axis=1)
    return np.asarray(chdtrc(len(there) - 1, statistic) >= ALPHA, dtype=np.float64)


def diffusion_neighbours(graph: csr_matrix, k: int) -> Neighbours:
    """Step 3 for a connected graph [n, n]: the k nearest, itself first."""
    scale = diags(1 / np.asarray(graph.sum(axis=0)).ravel())
    kernel = scale @ graph @ scale
    root = diags(1 / np.sqrt(np.asarray(kernel.sum(axis=0)).ravel()))
    values, vectors = _largest(csr_matrix(root @ kernel @ root), N_COMPONENTS)
    weight = np.where(values >= NEARLY_ONE, 1.0, values / (1 - np.minimum(values, NEARLY_ONE)))
    return Neighbours.of(vectors * weight, k)


def _largest(matrix: csr_matrix, n: int) -> tuple[Floats, Floats]:
    """The n eigenpairs of largest |e|, all but one if there are fewer."""
    n = min(n, matrix.shape[0] - 1)
    if DENSE * n >= matrix.shape[0]:
        values, vectors = eigh(matrix.toarray())
        chosen = np.argsort(-np.abs(values), kind="stable")[:n]
        return values[chosen], vectors[:, chosen]
    values, vectors = eigsh(matrix, k=n, which="LM", v0=np.ones(matrix.shape[0]))
    return values, vectors
