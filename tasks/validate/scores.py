"""From a circuit to scores of one gene on all others, and its null of swapped features."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from tasks.references.gene_sets import cut_to_background
from tasks.store.progress import track
from tasks.validate.circuit import Circuit
from tasks.validate.null import Bools, Places, bins_of_equal, shuffles
from tasks.validate.settings import ValidateSettings

DEGREE_BIN = 20  # source features of about equal out-degree that may swap their gene lists
SWAPPED = "edges, degrees, gene lists and known sets stay; lists are swapped among source features of equal out-degree"


def is_source(circuit: Circuit) -> frozenset[str]:
    """Genes, in upper case, on the list of a source feature that has an edge."""
    return frozenset(symbol.upper() for symbol in circuit.source_symbols)


def gene_rows(circuit: Circuit, genes: Sequence[str]) -> csr_array:
    """[genes, S] 1 / rank of each gene (upper case) on each source feature's list.

    ``gene_rows(...) @ circuit.strength`` is the score of each gene on the B genes at the targets' end.
    """
    column = {symbol.upper(): place for place, symbol in enumerate(circuit.source_symbols)}
    return circuit.source_lists.T.tocsr()[np.array([column[gene] for gene in genes], dtype=np.int64)]


def same_gene(genes: Sequence[str], symbols: Sequence[str]) -> Bools:
    """[genes, symbols] True where both are the same gene: no gene predicts itself."""
    return np.array([[gene == symbol.upper() for symbol in symbols] for gene in genes], dtype=bool)


def known_members(sets: Mapping[str, frozenset[str]], circuit: Circuit, min_set: int) -> tuple[list[str], Bools]:
    """Names of the sets that can be tested and their members [sets, B] among the genes at the targets' end.

    A set needs ``min_set`` of these genes, and at least two of them outside it.
    """
    if not sets:
        return [], np.zeros((0, len(circuit.target_symbols)), dtype=bool)
    most = len(circuit.target_symbols) - 2
    library = cut_to_background("known", sets, circuit.target_symbols, min_set, most)
    return library.terms, library.members.toarray().astype(bool)


def swapped_features(circuit: Circuit, settings: ValidateSettings, stream: int, label: str) -> Iterator[Places]:
    """``n_null`` orders of the S source features: column ``order[s]`` of ``gene_rows`` takes the place of column s."""
    out_degree = np.diff(circuit.effects.indptr)
    bins = bins_of_equal(out_degree, circuit.source_sae, DEGREE_BIN)
    orders = shuffles(bins, settings.n_null, (settings.seed, stream))
    return track(orders, label, settings.n_null, "draw")
