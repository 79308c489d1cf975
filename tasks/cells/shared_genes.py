"""Which genes several files share.

1. Genes are matched by gene_id: the Ensembl id, of the file or of its symbol; a gene without one by its name.
2. Used are the genes that every file has, in the order of the first. A gene that a file lacks was not measured there:
   counted as zero it would look like one that no cell expresses. Totals, ranks and medians are those of shared genes.
3. Files of which one shares less than half of its identified genes, or of those of the smallest file if these are
   fewer, are of different species or assays, and refused.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from tasks.cells.genes import Genes
from tasks.store import RequestError

FEWEST_SHARED = 0.5


def share_genes(genes: Sequence[Genes], paths: Sequence[Path]) -> list[Genes]:
    """The genes of each file, cut to those that all have: all with the frame of the first file.

    Raises RequestError if the files share too few.
    """
    common = set.intersection(*(set(each.frame["gene_id"]) for each in genes))
    shared = genes[0].frame.filter(pl.Series([gene in common for gene in genes[0].frame["gene_id"]]))
    identified = (shared["matched_by"] != "none").sum()
    sizes = [int(each.identified.sum()) for each in genes]
    if identified < max(1, FEWEST_SHARED * min(sizes)):
        having = ", ".join(f"{path.name} {size:,}" for path, size in zip(paths, sizes, strict=True))
        raise RequestError(
            f"cells.path: the files share {identified:,} genes (with an Ensembl id there are: {having}), too few to be "
            "cells of one species and assay: give files that measured the same genes, or study them one by one"
        )
    row = {gene: i for i, gene in enumerate(shared["gene_id"])}
    return [Genes(shared, _rows(each, row)) for each in genes]


def _rows(genes: Genes, row: dict[str, int]) -> np.ndarray:
    """The shared row of every column of a file, -1 where there is none."""
    own = np.array([row.get(gene, -1) for gene in genes.frame["gene_id"]], dtype=np.int32)
    return own[genes.row_of]
