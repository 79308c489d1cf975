"""Edges to expect between genes whose degrees alone are known: the most random network of given expected degrees.

1. Directed: an edge from i to j has chance x_i y_j / (1 + x_i y_j), independently; undirected: x_i x_j / (1 + x_i x_j).
   The weights x and y follow from the degrees (Park & Newman 2004; Squartini & Garlaschelli 2011). No gene has an edge
   to itself. Unlike d_i d_j / E, the chance stays below one where hubs meet, as in networks of transcription factors.
2. Weights are found by x_i <- d_i / sum_j y_j / (1 + x_i y_j), until every expected degree is right to ``TOLERANCE``.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.networks.graphs import Graph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS, TOLERANCE = 500, 1e-4
MOST = 1e12  # of a weight: a gene that is joined to all others


def joined(graph: Graph) -> Floats:
    """Edges between every two genes, in either direction: symmetric, [G, G]; two where both directions are edges."""
    counted = np.zeros((graph.n_genes, graph.n_genes))
    counted[graph.source, graph.target] = 1
    return counted + counted.T if graph.directed else np.maximum(counted, counted.T)


def expected(graph: Graph) -> Floats:
    """What the degrees give of ``joined``: symmetric, [G, G]."""
    degrees = graph.degrees
    out, into = degrees[:, 0], degrees[:, -1]
    chance = _chances(out, into, symmetric=not graph.directed)
    return chance + chance.T if graph.directed else chance


def _chances(out: Floats, into: Floats, *, symmetric: bool) -> Floats:
    """Chance of every edge [G, G]; only genes with edges are fitted, and genes of equal degrees share weights."""
    kinds, kind, size = np.unique(np.stack([out, into], axis=1), axis=0, return_inverse=True, return_counts=True)
    kind = kind.reshape(-1)
    d_out, d_in = kinds.T
    x, y = (d / np.sqrt(max(out.sum(), 1.0)) for d in (d_out, d_in))
    for _ in range(STEPS):
        products = 1 + np.outer(x, y)
        step = _next(d_out, (size * y / products).sum(axis=1) - y / np.diag(products))
        if symmetric:
            x = y = np.sqrt(x * step)  # a whole step would swing to and fro
        else:
            x, products = step, 1 + np.outer(step, y)
            y = _next(d_in, ((size * x)[:, None] / products).sum(axis=0) - x / np.diag(products))
        if _off(x, y, size, d_out, d_in) < TOLERANCE:
            break
    chance: Floats = _odds(x, y)[np.ix_(kind, kind)]
    np.fill_diagonal(chance, 0.0)
    return chance


def _next(degree: Floats, total: Floats) -> Floats:
    found: Floats = np.divide(degree, total, out=np.zeros_like(degree), where=(degree > 0) & (total > 0))
    return np.minimum(found, MOST)


def _odds(x: Floats, y: Floats) -> Floats:
    product = np.outer(x, y)
    found: Floats = product / (1 + product)
    return found


def _off(x: Floats, y: Floats, size: Ints, d_out: Floats, d_in: Floats) -> float:
    """The largest distance of an expected degree from the degree, over 1 + the degree."""
    chance = _odds(x, y)
    own = np.diag(chance)
    out, into = (size * chance).sum(axis=1) - own, (size[:, None] * chance).sum(axis=0) - own
    off = [np.abs(got - wanted) / (1 + wanted) for got, wanted in ((out, d_out), (into, d_in))]
    return float(np.max(off, initial=0.0))
