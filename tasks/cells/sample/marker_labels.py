"""Cell types by a marker rule, from counts alone.

1. x = log(1 + counts per 10,000); its 20 first principal components over the informative genes.
2. x of each marker gene is averaged over the 15 nearest cells in those components (the cell itself included).
3. A panel's score is the mean z-score (across cells) of its genes; the cell takes the panel with the highest score.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from scipy.spatial.distance import cdist

from tasks.cells.informative import informative_genes

N_COMPONENTS, N_NEIGHBOURS = 20, 15

PANELS = {
    "B cells": ("MS4A1", "CD79A", "CD79B", "TCL1A", "LINC00926"),
    "CD4 T cells": ("CD3D", "CD3E", "IL7R", "CCR7", "CD4", "LEF1", "TCF7", "MAL"),
    "CD8 T cells": ("CD3D", "CD3E", "CD8A", "CD8B", "GZMK", "CCL5", "GZMH"),
    "NK cells": ("GNLY", "FGFBP2", "SPON2", "KLRF1", "GZMB", "PRF1", "XCL2", "CLIC3"),
    "CD14+ Monocytes": ("CD14", "LYZ", "S100A8", "S100A9", "FCN1", "MS4A6A"),
    "FCGR3A+ Monocytes": ("FCGR3A", "MS4A7", "CDKN1C", "RHOC", "IFITM3", "HES4"),
    "Dendritic cells": ("FCER1A", "CLEC10A", "CD1C", "CLIC2", "SERPINF1", "ENHO"),
    "Megakaryocytes": ("PPBP", "PF4", "GNG11", "SDPR", "TUBB1", "CLU"),
}


def marker_genes() -> list[str]:
    """Symbols of all panels, each once, in panel order."""
    return list(dict.fromkeys(gene for panel in PANELS.values() for gene in panel))


def label_cells(counts: csr_matrix, symbols: list[str], max_genes: int, min_cells: int) -> list[str]:
    """The cell type of every row of ``counts`` [n_cells, n_genes], raw and over all genes of the experiment."""
    expression = _log_normalise(counts)
    neighbours = _nearest_cells(expression[:, informative_genes(counts, max_genes, min_cells)].toarray())
    scores = [
        _panel_score(expression, neighbours, [symbols.index(gene) for gene in panel]) for panel in PANELS.values()
    ]
    best = np.argmax(np.stack(scores), axis=0)
    return [list(PANELS)[panel] for panel in best]


def _log_normalise(counts: csr_matrix) -> csr_matrix:
    totals = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    scaled = csr_matrix(diags_array(1e4 / totals) @ counts)
    scaled.data = np.log1p(scaled.data)
    return scaled


def _nearest_cells(dense: NDArray[np.float64]) -> NDArray[np.int64]:
    """Row numbers of the nearest cells, [n_cells, N_NEIGHBOURS], Euclidean in the principal components."""
    centred = dense - dense.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    components = centred @ axes[:, -N_COMPONENTS:]
    return np.argsort(cdist(components, components), axis=1, kind="stable")[:, :N_NEIGHBOURS]


def _panel_score(expression: csr_matrix, neighbours: NDArray[np.int64], panel: list[int]) -> NDArray[np.float64]:
    smooth = expression[:, panel].toarray()[neighbours].mean(axis=1)
    return np.asarray(((smooth - smooth.mean(axis=0)) / smooth.std(axis=0)).mean(axis=1))
