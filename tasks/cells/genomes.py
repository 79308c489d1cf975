"""Columns of one genome, where a file holds several: cells of two species sequenced together.

Cell Ranger writes the genome of each feature into column ``genome`` and before its names (``GRCh38_CD3D``,
``mm10___Cd3d``). Names lose what stands before them, for no gene is called so elsewhere.
"""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.store import RequestError

PREFIXED = re.compile(r"([A-Za-z][\w.-]*?)_+(ENS[A-Z]*G\d+(?:\.\d+)?(?:_PAR_Y)?)")


def genome_of(var: pd.DataFrame) -> NDArray[np.object_]:
    """The genome of every row of ``var``, "" where nothing tells: from its column, else from before its Ensembl id."""
    if "genome" in var:
        return np.array(["" if pd.isna(value) else str(value) for value in var["genome"]], dtype=object)
    names = [var.index, *(var[column] for column in var if column != "genome")]
    found = np.full(len(var), "", dtype=object)
    for values in names:
        matches = [PREFIXED.fullmatch(str(value)) for value in values]
        found = np.array([match[1] if match else old for match, old in zip(matches, found, strict=True)], dtype=object)
    return found


def genome_columns(genomes: NDArray[np.object_], wanted: str | None, what: str) -> NDArray[np.bool_]:
    """Which columns are of the genome, [n_columns]. Raises RequestError if there are several and none is wanted."""
    present = sorted(set(genomes) - {""})
    if wanted is None and len(present) > 1:
        raise RequestError(f"{what} has genes of {' and '.join(present)}: say which to use in cells.genome")
    if wanted is not None and wanted not in present:
        there = ", ".join(present) or "one genome, without a name"
        raise RequestError(f"cells.genome: {what} has no genes of {wanted}: it has {there}")
    return np.ones(len(genomes), dtype=bool) if wanted is None else genomes == wanted


def without_genome(var: pd.DataFrame, genomes: NDArray[np.object_]) -> pd.DataFrame:
    """``var`` with the genome taken from the front of its names."""

    def bare(values: object) -> list[object]:
        return [
            re.sub(rf"^{re.escape(genome)}_+", "", value) if genome and isinstance(value, str) else value
            for value, genome in zip(values, genomes, strict=True)  # type: ignore[call-overload]
        ]

    columns = {name: bare(var[name]) for name in var if name != "genome"}
    return pd.DataFrame(columns, index=pd.Index(bare(var.index)))
