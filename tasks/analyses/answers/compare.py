"""Perturbed cells against control cells of their line and batch, value by value.

1. Van Elteren's test (``tasks.statistics.van_elteren``) within strata of line and batch that hold both.
2. A value (a feature's shift, a gene's expression) is tested if it is there in ``min_firings`` positions (cells, for
   genes) of the compared cells.
3. ``least_auroc``: the AUROC that n1 perturbed and n2 control cells would call in 80 % of samples at alpha over the
   number of tests of this perturbation: 1/2 + (z_{1 - alpha / 2T} + z_{0.8}) sqrt((n1 + n2 + 1) / (12 n1 n2)), with the
   spread of the null and one stratum. What shifts by less would mostly be missed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_array
from scipy.special import ndtri

from tasks.analyses.responses.labels import CONTROL, CellLabels
from tasks.statistics.van_elteren import van_elteren

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
POWER = 0.8


@dataclass(frozen=True)
class Compared:
    """One perturbation in one line: ``tested`` [T] values by number, each with ``auroc``, ``p`` and ``n_firings``."""

    line: int
    perturbation: int
    n_cells: int
    n_control: int
    tested: Ints
    auroc: Floats
    p: Floats
    n_firings: Ints


@dataclass(frozen=True)
class Group:
    """A perturbation in a line, and the cells on both sides whose stratum holds both."""

    line: int
    perturbation: int
    own: Ints
    control: Ints


def groups_of(labels: CellLabels) -> list[Group]:
    """All perturbations of all lines, those without matched cells included."""
    found, stratum = [], labels.stratum
    controls = np.flatnonzero(labels.perturbation == CONTROL)
    for line in range(len(labels.lines)):
        in_line = (labels.line == line) & (labels.perturbation >= 0)
        for perturbation in np.unique(labels.perturbation[in_line]).tolist():
            own = np.flatnonzero(in_line & (labels.perturbation == perturbation))
            both = np.intersect1d(stratum[own], stratum[controls])
            matched = (rows[np.isin(stratum[rows], both)] for rows in (own, controls))
            found.append(Group(line, int(perturbation), *matched))
    return found


def compare(
    group: Group,
    values: Floats | csr_array,
    fires: csr_array,
    stratum: Ints,
    least: tuple[int, int],
    leave_out: NDArray[np.bool_] | None = None,
) -> Compared:
    """``values`` and ``fires`` [C, V]; ``least`` cells of either side and firings; ``leave_out`` bool [V]."""
    min_cells, min_firings = least
    n_own, n_control = len(group.own), len(group.control)
    nothing = np.zeros(0)
    empty = Compared(
        group.line, group.perturbation, n_own, n_control, nothing.astype(np.int64), nothing, nothing,
        nothing.astype(np.int64),
    )  # fmt: skip
    if min(n_own, n_control) < min_cells:
        return empty
    cells = np.concatenate([group.own, group.control])
    n = np.asarray(fires[cells].sum(axis=0)).ravel()
    tested = np.flatnonzero((n >= min_firings) & (True if leave_out is None else ~leave_out))
    if not tested.size:
        return empty
    part = values[cells][:, tested]
    dense = part.toarray() if isinstance(part, csr_array) else part
    lifted = csc_matrix(dense - dense.min(axis=0))  # the test reads ranks: the least value is its zero
    side = np.repeat([0, 1], [n_own, n_control])
    found = van_elteren(lifted, side, 2, stratum[cells])
    return Compared(
        group.line, group.perturbation, n_own, n_control, tested, found.auroc[:, 0], found.p[:, 0],
        n[tested].astype(np.int64),
    )  # fmt: skip


def least_auroc(n_own: int, n_control: int, n_tests: int, alpha: float) -> float:
    """Step 3, at most 1."""
    z = ndtri(1 - alpha / (2 * n_tests)) + ndtri(POWER)
    return float(min(1.0, 0.5 + z * np.sqrt((n_own + n_control + 1) / (12 * n_own * n_control))))


def mock_labels(labels: CellLabels, seed: int) -> CellLabels:
    """Control cells in two halves, one of which stands for perturbed cells: as many as a perturbation has, each.

    Whatever is called among these perturbations is called by mistake.
    """
    rng = np.random.default_rng([seed, 1])
    perturbation = np.full_like(labels.perturbation, CONTROL - 1)
    names: list[str] = []
    sizes = np.bincount(labels.perturbation[labels.perturbation >= 0])
    size = max(int(np.median(sizes[sizes > 0])) if sizes.size else 0, 1)
    control = rng.permutation(np.flatnonzero(labels.perturbation == CONTROL))
    half = len(control) // 2
    perturbation[control[half:]] = CONTROL
    for first in range(0, half - half % size, size) if half >= size else ([0] if half else []):
        perturbation[control[:half][first : first + size]] = len(names)
        names.append(f"\0{len(names)}")  # names no gene
    return CellLabels(perturbation, labels.line, labels.batch, names, labels.lines, labels.batches, None)
