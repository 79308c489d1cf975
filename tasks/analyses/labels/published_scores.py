"""The published scores of labels: the best of five thresholds, on the cells that chose it, without a null.

AMI over max h > t max(h) for t = 0, 0.2, 0.4, 0.6, 0.8; F1 over max h >= t max(h) for t = 0.1, 0.3, 0.5, 0.7, 0.9,
where max h is the largest activation in a cell and max(h) the feature's largest of all. The best of five is above 0
for nearly every feature, also for labels that mean nothing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.labels.scores import SCORES, Calls, Exceeded, Score
from tasks.statistics.agreement import Agreement, f1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVELS: dict[Score, tuple[float, ...]] = {"ami": (0.0, 0.2, 0.4, 0.6, 0.8), "f1": (0.1, 0.3, 0.5, 0.7, 0.9)}


class BestOfFive:
    """Scores of F features for labels of n cells; ``maximum`` [n, F]. What depends on margins alone is kept."""

    def __init__(self, maximum: csr_matrix, n_labels: int) -> None:
        largest = np.asarray(maximum.max(axis=0).todense(), dtype=np.float64).ravel()
        self._n_labels = n_labels
        self._levels = {kind: largest[:, None] * np.array(LEVELS[kind]) for kind in SCORES}
        self._levels["f1"] = np.nextafter(self._levels["f1"], -np.inf)  # at least t, where counting asks for more
        self._exceeded = {kind: Exceeded(maximum, levels) for kind, levels in self._levels.items()}
        self._tables: dict[tuple[int, int], Agreement] = {}

    def score(self, kind: Score, code: Ints, tested: Ints) -> tuple[Floats, Floats]:
        """The best score and its threshold, both [F, T], for each of the ``tested`` labels of ``code`` [n]."""
        levels = self._levels[kind]
        calls = self._exceeded[kind].calls(code, self._n_labels, np.zeros_like(code))
        best, chosen = np.empty((len(levels), tested.size)), np.empty((len(levels), tested.size))
        for place, label in enumerate(tested):
            values = self._values(kind, calls, int(label))
            row = values.argmax(axis=0)
            best[:, place] = values[row, np.arange(len(levels))]
            chosen[:, place] = levels[np.arange(len(levels)), row]
        return best, chosen

    def _values(self, kind: Score, calls: Calls, label: int) -> Floats:
        marked, drawn, both = int(calls.marked[:, label].sum()), calls.drawn[:, :, 0], calls.both[:, :, label]
        if kind == "f1":
            return f1(both, marked, drawn)
        n = int(calls.size.sum())
        if (n, marked) not in self._tables:
            self._tables[n, marked] = Agreement(n, marked, drawn.ravel())
        return self._tables[n, marked].of(both, drawn)
