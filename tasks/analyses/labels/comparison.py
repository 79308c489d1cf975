"""One column of labels against all features: cells within strata, and donors where cells are no units.

1. A cell's value is its mean activation over its positions, zeros included.
2. A label that varies within donors: van Elteren's test within donor x depth (x given). Cells are the units, and what
   is found holds of *these donors*. Without a named donor, it holds of these cells.
3. What holds of other donors as well takes donors as units (``donors.py``): their AUROC against a half, from
   ``min_donors`` on.
4. A label that no donor both has and lacks (disease, age) cannot be told from the donors by cells: donors are compared,
   from ``min_donors`` on each side. Below that there is no p.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from tasks.analyses.labels.columns import Labels
from tasks.analyses.labels.design import Strata
from tasks.analyses.labels.donors import between_donors, within_donors
from tasks.statistics.labels import arrange
from tasks.statistics.stratified_auroc import stratified_auroc
from tasks.statistics.stratified_ranks import StratifiedRanks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Comparison:
    """F features against T labels: float64 [F, T], NaN where there is no such number.

    Of the labels [T]: whether donors are the units (``by_donor``), cells with it and without it, and the donors that
    have a say.
    """

    by_donor: NDArray[np.bool_]
    n_cells: Ints
    n_others: Ints
    n_donors: Ints
    auroc: Floats
    low: Floats
    high: Floats
    p: Floats
    donor_auroc: Floats
    donor_p: Floats


class Ranked:
    """The ranks of one column's cells, for its labels and for any permutation of them.

    ``values`` [C, F] of all cells. ``tested`` [T]: the labels that are compared, as indices of their names.
    """

    def __init__(self, values: csr_matrix, labels: Labels, strata: Strata, min_cells: int, min_donors: int) -> None:
        self.labels, self.strata, self._min_donors = labels, strata, min_donors
        self.code, self._n = labels.code[strata.cells], len(labels.names)
        sizes = np.bincount(self.code, minlength=self._n)
        self.tested = np.flatnonzero((sizes >= min_cells) & (self.code.size - sizes >= min_cells))
        self._values = csc_matrix(values[strata.cells])
        self._within = StratifiedRanks.of(self._values, strata.stratum)
        self._across = StratifiedRanks.of(self._values, strata.across) if self.by_donor.any() else self._within

    @cached_property
    def by_donor(self) -> NDArray[np.bool_]:
        """Labels that vary between donors, but within none [T]."""
        if self.strata.donor is None:
            return np.zeros(self.tested.size, dtype=bool)
        n_donors, of_donor = int(self.strata.donor.max()) + 1, np.bincount(self.strata.donor)
        pair = self.strata.donor * self._n + self.code
        inside = np.bincount(pair, minlength=n_donors * self._n).reshape(n_donors, self._n)[:, self.tested]
        varies = ((inside > 0) & (inside < of_donor[:, None])).any(axis=0)
        return np.asarray(~varies)

    @property
    def words(self) -> str:
        """What cells of one stratum have alike; donors are not compared within themselves."""
        return self.strata.words_across if self.by_donor.all() else self.strata.words

    def test(self, code: Ints) -> tuple[Floats, Floats]:
        """AUROC and p [F, T] of labels ``code`` [n]: the column's own or permuted ones."""
        found = self._within.compare(code, self._n)
        auroc, p = found.auroc[:, self.tested], found.p[:, self.tested]
        p = np.where(np.isnan(auroc), np.nan, p)
        between = np.flatnonzero(self.by_donor)
        if between.size and self.strata.donor is not None:
            auroc[:, between] = self._across.compare(code, self._n).auroc[:, self.tested[between]]
            n_in, n_out, of_donors = between_donors(self._across, code, self.strata.donor, self.tested[between])
            p[:, between] = np.where(np.minimum(n_in, n_out) >= self._min_donors, of_donors, np.nan)
        return auroc, p

    def compare(self) -> Comparison:
        """The column's own labels, with everything that is said of them."""
        auroc, p = self.test(self.code)
        by_donor = self.by_donor
        sizes = np.bincount(self.code, minlength=self._n)[self.tested]
        interval = stratified_auroc(self._values, self.code, self._n, self.strata.stratum)
        low, high = (np.where(by_donor, np.nan, end[:, self.tested]) for end in (interval.low, interval.high))
        said = self._over_donors(auroc.shape)
        return Comparison(by_donor, sizes, self.code.size - sizes, said[0], auroc, low, high, p, said[1], said[2])

    def permuted(self, n_draws: int, seed: list[int]) -> Ints:
        """Labels that know of nothing but the strata; of whole donors if none varies within any: [n_draws, n].

        Fewer rows if there are no more arrangements than that.
        """
        if self.strata.donor is not None and self.by_donor.all():
            return arrange(self.code, n_draws, seed, units=self.strata.donor).labels
        return arrange(self.code, n_draws, seed, strata=self.strata.stratum).labels

    def _over_donors(self, shape: tuple[int, ...]) -> tuple[Ints, Floats, Floats]:
        """Donors with a say [T], the mean of their AUROC and its p [F, T], NaN where donors are few, or the units."""
        nothing, by_donor = np.full(shape, np.nan), self.by_donor
        if self.strata.donor is None:
            return np.zeros(shape[1], dtype=np.int64), nothing, nothing
        n_donors, auroc, p = within_donors(self._within, self.code, self.strata.donor, self._n)
        n_donors, auroc, p = n_donors[self.tested], auroc[:, self.tested], p[:, self.tested]
        p = np.where(n_donors >= self._min_donors, p, np.nan)
        whole = np.unique(self.strata.donor).size
        return np.where(by_donor, whole, n_donors), np.where(by_donor, np.nan, auroc), np.where(by_donor, np.nan, p)
