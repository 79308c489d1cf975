"""What a circuit predicts of a knock-down, by rule: [P, B], negative where the gene should fall.

``own``: minus the signed score (``circuit``), the responses log2 folds of counts.
``published``: pairs with two edges or |g| above 2, of the first 10 genes of each end, the mean of g weighted by ranks,
of which only the sign is used; responses are ``published_log2``, those within 0.01 of 0 left out.
``published_e1``: the first 15 genes, unranked, the mean of g weighted by |g|; responses are ``published_e1_log2``.

Published circuits have Cohen's d where ours have Hedges g. Removing a source resembles a knock-down, so that g < 0
predicts a fall.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from tasks.validate.circuit import Circuit
from tasks.validate.null import Floats
from tasks.validate.scores import gene_rows
from tasks.validate.screens import Screen

LARGE, LEAST_EDGES, FLAT = 2.0, 2, 0.01
E1_GENES = 15


def predict_own(circuit: Circuit, genes: Sequence[str]) -> Floats:
    """Minus the signed score."""
    return np.asarray(-(gene_rows(circuit, genes) @ circuit.support).toarray())


def predict_published(circuit: Circuit, genes: Sequence[str]) -> Floats:
    """The signed score turned, 0 for pairs with one edge of a size of at most 2."""
    rows, lists = _ones(gene_rows(circuit, genes)), _ones(circuit.target_lists)
    edges = (rows @ _ones(circuit.effects) @ lists).toarray()
    strong = circuit.effects.copy()
    strong.data = (np.abs(strong.data) > LARGE).astype(np.float64)
    large = (rows @ strong @ lists).toarray()
    return np.where((edges >= LEAST_EDGES) | (large > 0), predict_own(circuit, genes), 0.0)


def predict_e1(circuit: Circuit, genes: Sequence[str]) -> Floats:
    """sum g |g|, of the sign of the weighted mean of g; 0 for genes that no source lists."""
    known = {symbol.upper() for symbol in circuit.source_symbols}
    found = np.zeros((len(genes), len(circuit.target_symbols)))
    own = [row for row, gene in enumerate(genes) if gene in known]
    if own:
        squares = circuit.effects.copy()
        squares.data = squares.data * np.abs(squares.data)
        rows = _ones(gene_rows(circuit, [genes[row] for row in own]))
        found[own] = (-circuit.sense * (rows @ squares @ _ones(circuit.target_lists))).toarray()
    return found


def observed_published(screen: Screen) -> Floats:
    """Published responses, NaN within 0.01 of 0."""
    values = screen.values["published_log2"]
    return np.where(np.abs(values) < FLAT, np.nan, values)


def _ones(matrix: csr_array) -> csr_array:
    return csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
