"""The false discovery rate over a family of tests.

1. Sort the p-values.
2. Scale the i-th smallest by ``n_tests / i``.
3. Walk down from the largest, keeping the running minimum, so that q never falls as p rises.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p: NDArray[np.float64], n_tests: int | None = None) -> NDArray[np.float64]:
    """Adjusted p-values (q) after Benjamini & Hochberg 1995, in the order and shape of ``p``.

    ``n_tests`` is the size of the family, ``p.size`` if None. A larger number stands for tests whose p is 1 and
    which were not written out: they rank last, so they weigh on every q and need no storage.

    Raises ValueError if a p-value lies outside [0, 1] or is NaN, or if ``n_tests`` is below ``p.size``.
    """
    flat = np.asarray(p, dtype=np.float64).ravel()
    total = flat.size if n_tests is None else n_tests
    if total < flat.size:
        raise ValueError(f"a family of {total} tests cannot hold {flat.size} p-values")
    if not np.all((flat >= 0) & (flat <= 1)):
        raise ValueError("p-values must lie in [0, 1]")
    order = np.argsort(flat, kind="stable")
    q = np.empty_like(flat)
    q[order] = _adjusted(flat[order], np.arange(1, flat.size + 1), total)
    return q.reshape(np.shape(p))


def correct_rows(rows: Iterable[dict[str, Any]]) -> None:
    """Set q of all ``rows`` of a table that have a p; those without one were not tested."""
    tested = [row for row in rows if row["p"] is not None]
    for row, q in zip(tested, benjamini_hochberg(np.array([row["p"] for row in tested])), strict=True):
        row["q"] = float(q)


def benjamini_hochberg_counts(p: NDArray[np.float64], count: NDArray[np.integer]) -> NDArray[np.float64]:
    """The q of a family in which each of the ascending, distinct ``p`` [N] occurs ``count`` [N] times.

    Equal to ``benjamini_hochberg`` of the whole family, which for permutation p of few values is far larger.
    Raises ValueError if a p-value lies outside [0, 1] or is NaN, or if they do not ascend.
    """
    if not (np.all((p >= 0) & (p <= 1)) and np.all(np.diff(p) > 0)):
        raise ValueError("p-values must lie in [0, 1] and ascend")
    rank = np.cumsum(count)
    return _adjusted(p, rank, int(rank[-1]) if len(rank) else 0)


def _adjusted(p: NDArray[np.float64], rank: NDArray[np.int64], total: int) -> NDArray[np.float64]:
    """q of ascending ``p``, each at the rank of its last occurrence or of its own."""
    scaled = p * (total / rank)
    return np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
