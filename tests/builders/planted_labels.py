"""Cells with labels, donors and depth, and features that know of one of these: the planted truth of ``labels``."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.labels.columns import Labels
from tasks.analyses.labels.comparison import Ranked
from tasks.analyses.labels.design import Strata
from tasks.statistics.matching import quantile_bins


@dataclass(frozen=True)
class Cells:
    """``depth`` and ``donor`` [C] of cells, and the label that each has."""

    depth: np.ndarray
    donor: np.ndarray
    label: np.ndarray

    def strata(self, donors: bool, bins: int = 20) -> Strata:
        depth = quantile_bins(self.depth, bins)
        own = depth * (1 + self.donor.max()) + self.donor if donors else depth
        return Strata(np.ones(len(depth), dtype=bool), own, depth, self.donor if donors else None, "planted", "planted")

    def ranked(self, values: np.ndarray, donors: bool = False, bins: int = 20, min_donors: int = 3) -> Ranked:
        return Ranked(csr_matrix(values), self.labels, self.strata(donors, bins), 5, min_donors)

    @property
    def labels(self) -> Labels:
        return Labels("planted", [f"label {one}" for one in range(self.label.max() + 1)], self.label)


def deep_cells(rng: np.random.Generator, n: int = 1500, pull: float = 1.5) -> Cells:
    """Label 1 is commoner among cells of many tokens; ``pull`` is the slope of its log odds in deviations of depth."""
    z = rng.normal(size=n)
    label = (rng.random(n) < 1 / (1 + np.exp(1.5 - pull * z))).astype(np.int64)
    return Cells(np.rint(np.exp(7 + 0.5 * z)), np.zeros(n, dtype=np.int64), label)


def deep_features(rng: np.random.Generator, cells: Cells, n_features: int) -> np.ndarray:
    """Maxima of features that fire at every token alike, so that they are larger in cells of many tokens."""
    fires = rng.poisson(0.002 * cells.depth[:, None], (len(cells.depth), n_features))
    return fires * rng.exponential(1, fires.shape)


def donor_cells(rng: np.random.Generator, n_donors: int, per_donor: int = 100, between: bool = False) -> Cells:
    """Label 1 in unlike shares of the donors' cells, or, if ``between``, in all cells of every second donor."""
    donor = np.repeat(np.arange(n_donors), per_donor)
    share = np.linspace(0.1, 0.7, n_donors)[donor]
    label = donor % 2 if between else (rng.random(donor.size) < share).astype(np.int64)
    return Cells(np.rint(np.exp(rng.normal(7, 0.5, donor.size))), donor, label)


def donor_features(
    rng: np.random.Generator, cells: Cells, n_features: int, icc: float, slopes: float = 0.0
) -> np.ndarray:
    """Values, mostly above 0, whose mean differs from donor to donor; with ``slopes``, so does what the label does.

    ``icc``: share of the variance that is between donors. ``slopes``: deviation over donors of the label's effect.
    """
    n = cells.donor.max() + 1
    level = rng.normal(0, np.sqrt(icc), (n, n_features))[cells.donor]
    effect = rng.normal(0, 1, (n, n_features))[cells.donor] * slopes * cells.label[:, None]
    noise = rng.normal(0, np.sqrt(1 - icc), (cells.donor.size, n_features))
    return np.maximum(level + effect + noise + 1, 0)
