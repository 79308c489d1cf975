"""Which gene of a file is which token of a model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.genes import Genes, symbol_table
from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class GeneTokens:
    """``token`` int32 and ``median`` float64, [n_genes]; a gene the model does not know has token -1, median NaN.

    Genes with the same symbol have the same token in a vocabulary of symbols: they are one gene to the model, which
    reads the sum of their counts.
    """

    token: NDArray[np.int32]
    median: NDArray[np.float64]

    @classmethod
    def of(cls, names: list[str], vocabulary: Vocabulary) -> "GeneTokens":
        """A gene is known if it has a token and, where the vocabulary has medians, a median above zero."""
        token = np.array([vocabulary.token_of.get(name, -1) for name in names], dtype=np.int32)
        if not vocabulary.median_of:
            return cls(token, np.full(len(names), np.nan))
        median = np.array([vocabulary.median_of.get(name, np.nan) for name in names], dtype=np.float64)
        known = (token >= 0) & (median > 0)
        return cls(np.where(known, token, -1).astype(np.int32), np.where(known, median, np.nan))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which genes the model knows."""
        return self.token >= 0

    @property
    def divisor(self) -> NDArray[np.float64]:
        """What the rank-value encoding divides by: the median, 1 where there is none."""
        return np.where(np.isnan(self.median), 1.0, self.median)

    @property
    def shown(self) -> NDArray[np.int32]:
        """As ``token``, but of genes with one token only the first in the file has it: so a token names one gene."""
        shown = np.full(len(self.token), -1, dtype=np.int32)
        tokens, first = np.unique(self.token, return_index=True)
        shown[first[tokens >= 0]] = tokens[tokens >= 0]
        return shown

    def sum_counts(self, counts: csr_matrix, n_tokens: int) -> csr_matrix:
        """Counts of the known genes by token: [n_cells, n_genes] to [n_cells, n_tokens], indices sorted."""
        columns = self.token[counts.indices]
        kept = (columns >= 0) & (counts.data > 0)
        cell = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))[kept]
        entries = (counts.data[kept].astype(np.float64), (cell, columns[kept]))
        return csr_matrix(entries, shape=(counts.shape[0], n_tokens))


def names_for(vocabulary: Vocabulary, genes: Genes) -> list[str]:
    """What the vocabulary would call each gene of a file, [n_genes].

    A symbol is the file's own if the vocabulary knows it, else the one that its Ensembl id has today.
    """
    ids = genes.frame["gene_id"].to_list()
    if vocabulary.encoding.genes == "ensembl":
        return ids
    _, symbol_of = symbol_table()
    symbols = zip(ids, genes.frame["symbol"].to_list(), strict=True)
    return [symbol if symbol in vocabulary.token_of else symbol_of.get(gene, symbol) for gene, symbol in symbols]
