"""Gene sets that say of a list what a better one says already: a process, its parent, and the parent's regulation.

1. Two sets are alike if they share at least ``least`` of the genes of the smaller one (the overlap coefficient of
   Merico et al. 2010, "Enrichment Map"; there 0.5). A part and its whole are alike.
2. The sets of a list are gone through from the best to the worst. One that is like a representative is represented by
   the first such; any other is a representative itself. So no two representatives of a list are alike.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Ints = NDArray[np.int64]
NOBODY = -1


def represent(row: Ints, term: Ints, members: csr_matrix, least: float) -> Ints:
    """The set that represents each of ``term`` [m], NOBODY for a representative: [m].

    ``row`` [m] says which list a set is of; the sets of a list stand together, the best first. ``members`` [T, G] is
    binary.
    """
    used, place = np.unique(term, return_inverse=True)
    alike = _alike(members[used], least)
    found = np.full(term.size, NOBODY, dtype=np.int64)
    for own in np.split(np.arange(term.size), np.flatnonzero(np.diff(row)) + 1):
        leaders: list[int] = []
        for one in own:
            like = np.flatnonzero(alike[place[one], place[leaders]]) if leaders else leaders
            if len(like):
                found[one] = term[leaders[like[0]]]
            else:
                leaders.append(int(one))
    return found


def _alike(members: csr_matrix, least: float) -> NDArray[np.bool_]:
    """Which of T sets are alike: [T, T]."""
    shared = (members @ members.T).tocoo()
    size = np.diff(members.indptr)
    kept = shared.data >= least * np.minimum(size[shared.row], size[shared.col]) * (1 - 1e-12)
    alike = np.zeros(shared.shape, dtype=bool)
    alike[shared.row[kept], shared.col[kept]] = True
    return alike
