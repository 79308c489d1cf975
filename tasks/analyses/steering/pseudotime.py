"""Where each cell stands on the trajectory: an obs column of numbers, or diffusion pseudotime from named root cells.

Cells that ``steering.where`` leaves out stand nowhere: NaN. Genes, components and scale are those of the others alone.

Computed: counts per 10,000 and log1p of the genes that tell cells apart (``tasks.cells.informative``), their principal
components, diffusion pseudotime (``tasks.statistics.diffusion``) from the root cell in the middle of all named ones,
and scaled to 0 to 1. Which root cell stands first in the file thus changes nothing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.steering.step import SteeringSettings
from tasks.cells.chosen import ChosenCells
from tasks.cells.informative import informative_genes
from tasks.cells.reader import CellsReader
from tasks.cells.select import filter_cells
from tasks.statistics.diffusion import DiffusionMap, FallsApart
from tasks.store import RequestError

Floats = NDArray[np.float64]
PER_CELL, MIN_CELLS = 1e4, 3


def pseudotime(settings: SteeringSettings, reader: CellsReader) -> Floats:
    """The place of every chosen cell [n], ascending by cell_id; NaN off the trajectory.

    Raises RequestError if it cannot be had.
    """
    cells = ChosenCells(reader)
    on = filter_cells(cells, settings.where, "steering.where")
    if on.sum() < 2:
        raise RequestError("steering.where: no two cells in use have all of these values: name fewer of them")
    times = np.full(len(on), np.nan)
    if settings.pseudotime is not None:
        times[on] = column_of_times(settings.pseudotime, cells, on)
        return times
    roots = filter_cells(cells, settings.root, "steering.root") & on
    if not roots.any():
        among = " that steering.where leaves" if settings.where else " in use"
        raise RequestError(f"steering.root: no cell{among} has all of these values: name fewer of them")
    times[on] = from_roots(settings, reader.counts()[np.flatnonzero(on)], roots[on])
    return times


def column_of_times(name: str, cells: ChosenCells, on: NDArray[np.bool_]) -> Floats:
    """The numbers of an obs column for the cells ``on`` the trajectory.

    Raises RequestError unless each of them has one, and they differ.
    """
    column = cells.column(name, "steering.pseudotime")
    if column.kind != "number":
        raise RequestError(
            f"steering.pseudotime: {name} holds {column.kind} values and no numbers: name another column"
        )
    number = column.number[on]
    missing = int((~np.isfinite(number)).sum())
    if missing:
        raise RequestError(
            f"steering.pseudotime: {name} has no finite number for {missing:,} of {len(number):,} cells: leave these "
            f"cells out of the file, or fill the column"
        )
    if np.ptp(number) == 0:
        raise RequestError(
            f"steering.pseudotime: {name} is {column.text[on][0]} in every cell, so no cell is early: name another "
            f"column"
        )
    return number


def from_roots(settings: SteeringSettings, counts: csr_matrix, roots: NDArray[np.bool_]) -> Floats:
    """Diffusion pseudotime [n] of counts [n, G], with ``roots`` [n]. Raises RequestError if cells fall into parts."""
    genes = informative_genes(counts, settings.n_genes, MIN_CELLS)
    points = principal_axes(log_counts(counts)[:, genes].toarray(), settings.n_axes)
    try:
        places = DiffusionMap.of(points, settings.neighbours, settings.n_components)
    except FallsApart as error:
        raise RequestError(
            f"steering.root: {error}, so some cells cannot be reached from the root: raise steering.neighbours, or "
            f"keep only cells of one trajectory with cells.where"
        ) from None
    except ValueError as error:
        raise RequestError(f"steering.root: {error}: use more cells (cells.n)") from None
    distance = places.distances(places.medoid(np.flatnonzero(roots)))
    times: Floats = distance / distance.max()
    return times


def log_counts(counts: csr_matrix) -> csr_matrix:
    """log1p of counts per 10,000 [n, G]."""
    scaled = csr_matrix(counts, dtype=np.float64)
    total = np.asarray(scaled.sum(axis=1)).ravel()
    scaled.data = np.log1p(scaled.data * np.repeat(PER_CELL / np.maximum(total, 1), np.diff(scaled.indptr)))
    return scaled


def principal_axes(values: Floats, n_axes: int) -> Floats:
    """Scores of ``values`` [n, d] on the axes of largest variance: [n, at most n_axes]."""
    u, size, _ = np.linalg.svd(values - values.mean(0), full_matrices=False)
    return np.asarray((u * size)[:, : min(n_axes, int((size > 1e-10 * max(size[0], 1e-300)).sum()))])
