"""Which gene of a file is which token of a model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.genes import Genes
from tasks.cells.names import find_gene, names_of
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

    That is the file's own name if the vocabulary has it. Vocabularies and files are of different years, so another name
    of the gene serves where the own one is unknown: of symbols, the one of today or an earlier one; of Ensembl ids, the
    one of the gene's symbol. A name that is another gene's in this file, or has been given already, never serves.
    """
    by_id = vocabulary.encoding.genes == "ensembl"
    own = genes.frame["gene_id" if by_id else "symbol"].to_list()
    taken, names = set(own), []
    for name, gene, symbol in zip(own, genes.frame["gene_id"], genes.frame["symbol"], strict=True):
        others = [] if name in vocabulary.token_of else _other_names(gene, symbol, by_id)
        found = next((other for other in others if other in vocabulary.token_of and other not in taken), name)
        taken.add(found)
        names.append(found)
    return names


def _other_names(gene: str, symbol: str, by_id: bool) -> list[str]:
    """What else a gene may be called, the likeliest first."""
    if not by_id:
        return names_of().get(gene, [])
    found = find_gene(symbol)
    return [] if found is None else [found.gene_id]
