"""How far each cell's features lie from what control cells show on the same genes.

1. A position of a cell counts if it is a gene's, if that gene was not switched off in the cell (its own token falls
   away or moves down by itself), and if at least ``min_positions`` control cells of the stratum (line and batch) have
   the gene.
2. s_cf = mean over these positions of h_pf - mu_{g(p), f}, mu the mean of feature f on gene g over the control cells
   of the stratum. Cells with other genes are not other cells for that alone.
3. A control cell is held against the others: h - mu without it is m / (m - 1) (h - mu), m cells. Else what only few
   control cells have would never differ in them, and always in the perturbed ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

from tasks.analyses.responses.labels import CONTROL, CellLabels, gene_places
from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Positions:
    """Of N positions: ``counts`` bool [N], those that count; ``weight`` [N], 0 where not; ``place`` [N] of stratum and
    gene, ``n_places`` of them."""

    counts: NDArray[np.bool_]
    weight: Floats
    place: Ints
    n_places: int
    of_control: NDArray[np.bool_]


@dataclass(frozen=True)
class Shifts:
    """Of C cells and F features: ``shift`` [C, F]; ``fires`` [C, F] positions that count where the feature fires."""

    shift: Floats
    fires: csr_array


def count_positions(axes: Axes, labels: CellLabels, min_positions: int) -> Positions:
    """Which positions count, and how much; ``labels`` of the cells of ``axes``, in their order."""
    perturbation, stratum = labels.perturbation[axes.cell], labels.stratum[axes.cell]
    switched = switched_off(labels, axes)
    in_use = (axes.gene != NO_GENE) & (perturbation >= CONTROL)
    own = switched[np.maximum(perturbation, 0), np.maximum(axes.gene, 0)] & (perturbation >= 0)
    n_genes = len(axes.gene_id)
    place = np.where(in_use, stratum * n_genes + axes.gene, 0)
    n_places = len(labels.lines) * len(labels.batches) * n_genes
    of_control = in_use & (perturbation == CONTROL)
    m = np.bincount(place[of_control], minlength=n_places)
    counts = in_use & ~own & (m[place] >= min_positions)
    weight = np.where(counts, np.where(of_control, m[place] / np.maximum(m[place] - 1, 1), 1.0), 0.0)
    return Positions(counts, weight, place, n_places, of_control)


def switched_off(labels: CellLabels, axes: Axes) -> NDArray[np.bool_]:
    """[perturbations, genes] whether the perturbation names the gene; one row at least."""
    known = gene_places(axes.gene_id, axes.symbol)
    found = np.zeros((max(len(labels.names), 1), max(len(axes.gene_id), 1)), dtype=bool)
    for row, name in enumerate(labels.names):
        for gene in name.split("+"):
            if gene.upper() in known:
                found[row, known[gene.upper()]] = True
    return found


def shifts(firings: Iterable[Firings], axes: Axes, labels: CellLabels, n_features: int, min_positions: int) -> Shifts:
    """Step 2 of every cell and feature; 0 in cells without a position that counts."""
    positions = count_positions(axes, labels, min_positions)
    n_cells = axes.cell_id.size
    total = csr_array((n_cells, n_features))
    fires = csr_array((n_cells, n_features))
    of_place = csr_array((positions.n_places, n_features))
    for chunk in firings:
        value = chunk.value.astype(np.float64)
        kept = positions.counts[chunk.position]
        at = (axes.cell[chunk.position[kept]], chunk.feature[kept])
        total = total + _sparse(value[kept] * positions.weight[chunk.position[kept]], at, total.shape)
        fires = fires + _sparse(np.ones(kept.sum()), at, fires.shape)
        control = positions.of_control[chunk.position]
        at = (positions.place[chunk.position[control]], chunk.feature[control])
        of_place = of_place + _sparse(value[control], at, of_place.shape)
    control = positions.of_control
    m = np.bincount(positions.place[control], minlength=positions.n_places)
    mu = diags_array(1.0 / np.maximum(m, 1)) @ of_place
    used = np.flatnonzero(positions.counts)
    genes = _sparse(positions.weight[used], (axes.cell[used], positions.place[used]), (n_cells, positions.n_places))
    n = np.maximum(np.bincount(axes.cell[used], minlength=n_cells), 1)[:, None]
    return Shifts((total.toarray() - (genes @ mu).toarray()) / n, fires)


def _sparse(values: Floats, at: tuple[NDArray[np.integer], NDArray[np.integer]], shape: tuple[int, ...]) -> csr_array:
    return csr_array(coo_array((values, at), shape=shape))
