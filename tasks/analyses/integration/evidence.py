"""The metrics of one embedding, as scib-metrics defines them (Luecken et al. 2022).

    accuracy, macro_f1    of label transfer, mean over batches (``transfer``)
    isolated_labels       mean over the labels that lie in fewest batches of the mean (s + 1) / 2 of their cells
    leiden_nmi, _ari      ``clusters``
    silhouette_label      (mean s + 1) / 2
    clisi                 (L - median LISI of labels) / (L - 1)
    bras, kbet            mean over labels of the mean over their cells (``silhouettes``, ``kbet``)
    ilisi                 (median LISI of batches - 1) / (B - 1)
    graph_connectivity    mean over labels of the share of cells in the largest part of the label's own graph
    pcr                   (V_before - V) / V_before, at least 0: V the share of variance that lies between batches

V is what principal component regression gives with all components: sum_i var_i R_i^2 / sum_i var_i.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from tasks.analyses.integration.clusters import ari, best_clusters, contingency, nmi
from tasks.analyses.integration.kbet import accepted_cells
from tasks.analyses.integration.lisi import lisi
from tasks.analyses.integration.names import BIOLOGY, BIOLOGY_WEIGHT, METRICS, MIXING, TRANSFER
from tasks.analyses.integration.neighbours import Neighbours
from tasks.analyses.integration.silhouettes import batch_silhouettes, silhouettes
from tasks.analyses.integration.transfer import scores, transferred

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Values = dict[str, float]


@dataclass(frozen=True)
class Sample:
    """Cells with ``label`` [n] and ``batch`` [n], each from 0, and their embedding ``before`` [n, d] any model."""

    label: Ints
    batch: Ints
    before: Floats

    @property
    def n_labels(self) -> int:
        """Labels, each with a cell."""
        return int(self.label.max()) + 1

    @property
    def n_batches(self) -> int:
        """Batches, each with a cell."""
        return int(self.batch.max()) + 1

    def isolated(self) -> list[int]:
        """Labels that lie in the fewest batches."""
        counts = (contingency(self.label, self.batch) > 0).sum(axis=1)
        return [int(one) for one in np.flatnonzero(counts == counts.min())]

    def part(self, cells: NDArray[np.bool_]) -> "Sample":
        """Some of the cells [n], labels and batches numbered anew."""
        label, batch = (np.unique(own[cells], return_inverse=True)[1] for own in (self.label, self.batch))
        return Sample(label.astype(np.int64), batch.astype(np.int64), self.before[cells])


@dataclass(frozen=True)
class Sizes:
    """Neighbours that are looked at: those that vote, and, the cell itself among them, those of three graphs."""

    transfer: int
    clusters: int
    kbet: int
    lisi: int

    def of_part(self, share: float) -> "Sizes":
        """Neighbourhoods as wide among this share of the cells."""
        return replace(self, kbet=max(round(share * self.kbet), 3), lisi=max(round(share * self.lisi), 6))


@dataclass(frozen=True)
class Measured:
    """``values`` of METRICS by name, NaN where there is none; ``transfer``: accuracy and macro F1 of every batch."""

    values: dict[str, float]
    transfer: list[tuple[float, float]]


def measure(points: Floats, sample: Sample, sizes: Sizes, seed: int) -> Measured:
    """All metrics of an embedding ``points`` [n, d]; of one label or one batch, what compares them has no value."""
    near = Neighbours.of(points, min(len(points), max(sizes.clusters, sizes.kbet, sizes.lisi)))
    clustered = near.first(sizes.clusters)
    found = dict.fromkeys(METRICS, float("nan"))
    transfer: list[tuple[float, float]] = []
    if sample.n_labels > 1:
        found |= _of_labels(points, sample, near.first(sizes.lisi), clustered, seed)
    if sample.n_batches > 1:
        transfer = _transfer(points, sample, sizes.transfer)
        found |= dict(zip(TRANSFER, (mean_of(own) for own in zip(*transfer, strict=True)), strict=True))
        found |= _of_batches(points, sample, near.first(sizes.lisi), clustered, near.first(sizes.kbet))
    for name, parts in (("biology", BIOLOGY), ("batch_correction", MIXING)):
        found[name] = mean_of([found[part] for part in parts])
    found["total"] = BIOLOGY_WEIGHT * found["biology"] + (1 - BIOLOGY_WEIGHT) * found["batch_correction"]
    return Measured(found, transfer)


def _of_labels(points: Floats, sample: Sample, wide: Neighbours, near: Neighbours, seed: int) -> dict[str, float]:
    """The metrics of BIOLOGY."""
    own = (silhouettes(points, sample.label) + 1) / 2
    isolated = np.where(np.isin(sample.label, sample.isolated()), own, np.nan)
    table = contingency(sample.label, best_clusters(near.connectivities, sample.label, seed))
    spread = sample.n_labels - float(np.median(lisi(wide, sample.label)))
    return {
        "isolated_labels": mean_by(isolated, sample.label),
        "leiden_nmi": nmi(table),
        "leiden_ari": ari(table),
        "silhouette_label": float(own.mean()),
        "clisi": spread / (sample.n_labels - 1),
    }


def _of_batches(
    points: Floats, sample: Sample, wide: Neighbours, near: Neighbours, middling: Neighbours
) -> dict[str, float]:
    """The metrics of MIXING."""
    before, after = (between_batches(one, sample.batch) for one in (sample.before, points))
    return {
        "bras": mean_by(batch_silhouettes(points, sample.batch, sample.label), sample.label),
        "ilisi": (float(np.median(lisi(wide, sample.batch))) - 1) / (sample.n_batches - 1),
        "kbet": mean_by(accepted_cells(middling.connectivities, sample.batch, sample.label), sample.label),
        "graph_connectivity": mean_by(in_largest_part(near, sample.label), sample.label),
        "pcr": max(0.0, (before - after) / before) if before > 0 else float("nan"),
    }


def _transfer(points: Floats, sample: Sample, k: int) -> list[tuple[float, float]]:
    given = transferred(points, sample.label, sample.batch, k)
    own = [sample.batch == batch for batch in range(sample.n_batches)]
    return [scores(sample.label[cells], given[cells]) for cells in own]


def between_batches(points: Floats, batch: Ints) -> float:
    """Share of the variance of ``points`` [n, d] that lies between batches [n]."""
    centred = points - points.mean(axis=0)
    sums = np.eye(int(batch.max()) + 1)[batch].T @ centred
    between = float((np.square(sums).sum(axis=1) / np.bincount(batch)).sum())
    total = float(np.square(centred).sum())
    return between / total if total > 0 else 0.0


def in_largest_part(near: Neighbours, label: Ints) -> Floats:
    """Whether each cell lies in the largest strongly connected part of the graph of its label's cells: 0 or 1 [n]."""
    n, k = near.index.shape
    graph = csr_matrix((np.ones(n * k), near.index.ravel(), np.arange(n + 1) * k), shape=(n, n))
    found = np.zeros(n)
    for one in np.unique(label):
        cells = np.flatnonzero(label == one)
        part = connected_components(graph[cells][:, cells], connection="strong")[1]
        found[cells] = part == np.bincount(part).argmax()
    return found


def mean_by(values: Floats, label: Ints) -> float:
    """Mean over labels [n] of the mean of what is known of their cells; NaN if nothing is."""
    return mean_of(
        [values[own].mean() for one in np.unique(label) if (own := (label == one) & np.isfinite(values)).any()]
    )


def mean_of(values: Sequence[float]) -> float:
    """The mean of what is known; NaN if nothing is."""
    known = [one for one in values if np.isfinite(one)]
    return float(np.mean(known)) if known else float("nan")
