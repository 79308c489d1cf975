"""The vocabulary of a model that is trained on the chosen cells, in the layout of the published dictionaries.

Both stand-ins know the same genes, the most informative ones of the training cells: geneformer-mini by Ensembl id, with
medians; scgpt-mini by the symbols of the file, since scGPT's own vocabulary is of symbols.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.informative import informative_genes
from tasks.cells.settings import MiniVocabulary
from tasks.store import RequestError
from tasks.vocabulary.layouts.scgpt import new_vocabulary
from tasks.vocabulary.vocabulary import Vocabulary

SPECIAL = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}


def build_vocabulary(
    counts: csr_matrix, gene_ids: list[str], usable: NDArray[np.bool_], settings: MiniVocabulary
) -> Vocabulary:
    """The most informative usable genes, in file order, behind the special tokens.

    ``counts``: raw counts of the training cells [n_cells, n_genes]; ``usable``: bool [n_genes].

    Raises RequestError if no usable gene is expressed by enough cells.
    """
    chosen = _choose(counts, usable, settings)
    medians = nonzero_medians(counts)
    return Vocabulary(
        token_of={gene_ids[gene]: token for token, gene in enumerate(chosen, start=len(SPECIAL))},
        median_of={gene_ids[gene]: float(medians[gene]) for gene in chosen},
        special=dict(SPECIAL),
        max_length=settings.max_length,
    )


def build_binned_vocabulary(
    counts: csr_matrix, symbols: list[str], usable: NDArray[np.bool_], settings: MiniVocabulary
) -> Vocabulary:
    """The same genes by symbol, each symbol once, special tokens behind them; arguments and errors as above."""
    chosen = _choose(counts, usable, settings)
    return new_vocabulary(list(dict.fromkeys(symbols[gene] for gene in chosen)), settings.max_length)


def _choose(counts: csr_matrix, usable: NDArray[np.bool_], settings: MiniVocabulary) -> NDArray[np.int64]:
    """Columns of the most informative usable genes, ascending. Raises RequestError if there is none."""
    columns = np.flatnonzero(usable)
    chosen: NDArray[np.int64] = columns[informative_genes(counts[:, columns], settings.max_genes, settings.min_cells)]
    if not len(chosen):
        raise RequestError(
            f"no gene is expressed by {settings.min_cells} of {counts.shape[0]} training cells: "
            "give more cells or lower vocabulary.min_cells"
        )
    return chosen


def nonzero_medians(counts: csr_matrix) -> NDArray[np.float64]:
    """Median of each gene's non-zero counts per 10,000, [n_genes]; NaN for genes without counts.

    As in Theodoris et al. 2023, the totals are those of all genes of the file.
    """
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    values = counts.data / np.repeat(totals, np.diff(counts.indptr)) * 1e4
    values = values[np.lexsort((values, counts.indices))]  # by gene, then by value
    number = np.bincount(counts.indices, minlength=counts.shape[1])
    first = np.cumsum(number) - number
    seen = np.flatnonzero(number)
    lower, upper = first[seen] + (number[seen] - 1) // 2, first[seen] + number[seen] // 2
    medians = np.full(counts.shape[1], np.nan)
    medians[seen] = (values[lower] + values[upper]) / 2
    return medians
