"""Which gene each column of a file is: by Ensembl id, else by symbol; columns of one gene are summed.

Two names of one file may lead to the same gene, for instance its symbol of today and an earlier one. Whether both are
that gene in the file's own annotation is not certain, so one of them keeps it: a column with an Ensembl id before one
with a symbol of today, that before other spellings and earlier symbols, and the first of the file among equals.
Columns with another name than the one that keeps it are not identified, and are never added to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.names import ensembl_id, find_gene, symbol_table
from tasks.cells.species import foreign_species
from tasks.store import RequestError

ID_COLUMNS = ("ensembl_id", "feature_id", "gene_ids", "gene_id")  # the index stands before them
SYMBOL_COLUMNS = ("feature_name", "gene_symbols", "gene_symbol", "symbol")  # the index stands behind them
NAMING_COLUMNS = (*ID_COLUMNS, *SYMBOL_COLUMNS)
FEWEST_KNOWN = 0.02  # share of the columns below which matches are taken for chance


@dataclass(frozen=True)
class Genes:
    """The distinct genes of a file, in file order, or those of them that are used.

    ``frame``: gene_id, symbol, matched_by (ensembl_id, symbol, earlier_symbol or none); ``row_of`` int32 [n_columns]: a
    column's row, -1 for a gene that is not used.
    """

    frame: pl.DataFrame
    row_of: NDArray[np.int32]

    @property
    def identified(self) -> NDArray[np.bool_]:
        """Which genes have an Ensembl id, [n_genes]."""
        return (self.frame["matched_by"] != "none").to_numpy()

    def merge(self, counts: csr_matrix) -> csr_matrix:
        """Sum the columns of one gene: [n_cells, n_columns] to [n_cells, n_genes], indices sorted."""
        used = self.row_of >= 0
        counts = counts if used.all() else counts[:, np.flatnonzero(used)]
        entries = (counts.data, self.row_of[used][counts.indices], counts.indptr)
        merged = csr_matrix(entries, shape=(counts.shape[0], self.frame.height))
        merged.sum_duplicates()
        merged.eliminate_zeros()
        return merged


class Identity(NamedTuple):
    """What one column is; of two columns with one ``gene_id``, the one of lower ``rank`` is more certain."""

    gene_id: str
    symbol: str
    matched_by: str
    rank: int

    def disowned(self, name: str) -> "Identity":
        """The same column, known by its name alone."""
        return Identity(name, self.symbol, "none", 3)


def identify_genes(var: pd.DataFrame, path: Path) -> Genes:
    """Identify every column of a matrix from its ``var``.

    Raises RequestError if (nearly) no column is an Ensembl id or a human symbol.
    """
    names = [str(name) for name in var.index]
    id_column, ids = _ids(var, names)
    symbols = _symbols(var, names if id_column != "index" else None)
    found = [_identify(*column) for column in zip(names, ids, symbols, strict=True)]
    known = sum(identity.matched_by != "none" for identity in found)
    species = None if any(ids) else foreign_species(symbols)
    if species or known < max(1, FEWEST_KNOWN * len(found)):
        raise RequestError(
            f"{path}: {_complaint(known, len(found), species)}; the file calls them {', '.join(names[:3])}. "
            f"Expected Ensembl ids (ENSG00000167286) in the index, {', '.join(ID_COLUMNS)}, "
            f"or human symbols (CD3D) in the index, {', '.join(SYMBOL_COLUMNS)} of var"
        )
    rows = [identity[:3] for identity in _settle(found, names)]
    return _distinct(pl.DataFrame(rows, schema=["gene_id", "symbol", "matched_by"], orient="row"))


def _complaint(known: int, n: int, species: str | None) -> str:
    return f"its genes have symbols of {species}, not of humans" if species else f"{known} of {n} genes are known"


def _settle(found: list[Identity], names: list[str]) -> list[Identity]:
    """Leave every gene to the columns that are surest to be it."""
    keeps: dict[str, Identity] = {}
    for identity in sorted(found, key=lambda identity: identity.rank):  # stable: the first of the file among equals
        keeps.setdefault(identity.gene_id, identity)
    kept = [
        identity.rank == 0 or identity.matched_by == "none" or identity.symbol == keeps[identity.gene_id].symbol
        for identity in found
    ]
    return [
        identity if keep else identity.disowned(name) for identity, name, keep in zip(found, names, kept, strict=True)
    ]


def _distinct(frame: pl.DataFrame) -> Genes:
    unique = frame.unique("gene_id", keep="first", maintain_order=True)
    row = {gene: i for i, gene in enumerate(unique["gene_id"])}
    return Genes(unique, np.array([row[gene] for gene in frame["gene_id"]], dtype=np.int32))


def _identify(name: str, gene_id: str | None, symbol: str | None) -> Identity:
    """What one column is, looked at alone."""
    if gene_id is not None:
        return Identity(gene_id, symbol or symbol_table()[1].get(gene_id, gene_id), "ensembl_id", 0)
    found = find_gene(symbol)
    if found is None or symbol is None:
        return Identity(name, symbol or name, "none", 3)
    return Identity(found.gene_id, symbol, found.how, 1 if found.exact else 2)


def _ids(var: pd.DataFrame, names: list[str]) -> tuple[str, list[str | None]]:
    """The column with most Ensembl ids (the index first among equals), and its ids without version."""
    candidates: dict[str, Sequence[str | None]] = {"index": names, **_columns(var, ID_COLUMNS)}
    parsed = {column: [ensembl_id(value) for value in values] for column, values in candidates.items()}
    best = max(parsed, key=lambda column: sum(value is not None for value in parsed[column]))
    return (best if any(parsed[best]) else "none"), parsed[best]


def _symbols(var: pd.DataFrame, names: list[str] | None) -> Sequence[str | None]:
    """The column with most human symbols (the first among equals); None for each gene if no column can hold them."""
    candidates: dict[str, Sequence[str | None]] = {**_columns(var, SYMBOL_COLUMNS)}
    if names is not None:
        candidates["index"] = names
    if not candidates:
        return [None] * len(var)
    return max(candidates.values(), key=lambda values: sum(find_gene(value) is not None for value in values))


def _columns(var: pd.DataFrame, wanted: tuple[str, ...]) -> dict[str, list[str | None]]:
    """Columns that are there, as text; missing and empty values are None."""
    present = [column for column in wanted if column in var.columns]
    return {
        column: [str(value) if pd.notna(value) and str(value) else None for value in var[column]] for column in present
    }
