"""Counts shaped like those of blood cells, and their logarithms as people store them."""

import numpy as np


def blood(n_cells=120, n_genes=400, seed=0, depth=1500):
    """Counts with a few strong genes and many weak ones, as cells have; every cell has a gene with one count."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(n_genes, 0.15))
    rate = share * rng.gamma(4.0, depth / 4, (n_cells, 1)) * rng.gamma(3.0, 1 / 3, (n_cells, n_genes))
    return rng.poisson(rate).astype(np.float32)


def logged(counts, kind=np.float32, target=1e4):
    exact = counts.astype(kind)
    return np.log1p(exact / exact.sum(axis=1, keepdims=True) * kind(target))
