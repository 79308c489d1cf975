"""Which gene each column of a file is: by Ensembl id, else by symbol; columns of one gene are summed."""

import csv
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells import sample
from tasks.store import RequestError

ENSEMBL_ID = re.compile(r"(ENS[A-Z]*G\d+)(\.\d+)?(_PAR_Y)?")
ID_COLUMNS = ("ensembl_id", "feature_id", "gene_ids", "gene_id")  # the index stands before them
SYMBOL_COLUMNS = ("feature_name", "gene_symbols", "gene_symbol", "symbol")  # the index stands behind them
NAMING_COLUMNS = (*ID_COLUMNS, *SYMBOL_COLUMNS)
FEWEST_KNOWN = 0.02  # share of the columns below which matches are taken for chance


@dataclass(frozen=True)
class Genes:
    """The distinct genes of a file, in file order, or those of them that are used.

    ``frame``: gene_id, symbol, matched_by (ensembl_id, symbol or none); ``row_of`` int32 [n_columns]: a column's row,
    -1 for a gene that is not used.
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


@lru_cache(maxsize=1)
def symbol_table() -> tuple[dict[str, str], dict[str, str]]:
    """Human genes: Ensembl id by symbol and symbol by Ensembl id; the first row of the bundled table counts."""
    id_of: dict[str, str] = {}
    symbol_of: dict[str, str] = {}
    with gzip.open(sample.path("ensembl_symbol.tsv.gz"), "rt") as text:
        for row in csv.DictReader(text, delimiter="\t"):
            id_of.setdefault(row["symbol"], row["ensembl_id"])
            symbol_of.setdefault(row["ensembl_id"], row["symbol"])
    return id_of, symbol_of


def identify_genes(var: pd.DataFrame, path: Path) -> Genes:
    """Identify every column of a matrix from its ``var``.

    Raises RequestError if (nearly) no column is an Ensembl id or a human symbol.
    """
    names = [str(name) for name in var.index]
    id_column, ids = _ids(var, names)
    symbols = _symbols(var, names if id_column != "index" else None)
    rows = [_identify(*column) for column in zip(names, ids, symbols, strict=True)]
    known = sum(matched_by != "none" for _, _, matched_by in rows)
    if known < max(1, FEWEST_KNOWN * len(rows)):
        raise RequestError(
            f"{path}: {known} of {len(rows)} genes are known; the file calls them {', '.join(names[:3])}. "
            f"Expected Ensembl ids (ENSG00000167286) in the index, {', '.join(ID_COLUMNS)}, "
            f"or human symbols (CD3D) in the index, {', '.join(SYMBOL_COLUMNS)} of var"
        )
    frame = pl.DataFrame(rows, schema=["gene_id", "symbol", "matched_by"], orient="row")
    return _distinct(frame)


def _distinct(frame: pl.DataFrame) -> Genes:
    unique = frame.unique("gene_id", keep="first", maintain_order=True)
    row = {gene: i for i, gene in enumerate(unique["gene_id"])}
    return Genes(unique, np.array([row[gene] for gene in frame["gene_id"]], dtype=np.int32))


def _identify(name: str, ensembl_id: str | None, symbol: str | None) -> tuple[str, str, str]:
    """gene_id, symbol and matched_by of one column."""
    id_of, symbol_of = symbol_table()
    if ensembl_id is not None:
        return ensembl_id, symbol or symbol_of.get(ensembl_id, ensembl_id), "ensembl_id"
    if symbol in id_of:
        return id_of[symbol], symbol, "symbol"
    return name, symbol or name, "none"


def _ids(var: pd.DataFrame, names: list[str]) -> tuple[str, list[str | None]]:
    """The column with most Ensembl ids (the index first among equals), and its ids without version."""
    candidates: dict[str, Sequence[str | None]] = {"index": names, **_columns(var, ID_COLUMNS)}
    parsed = {column: [_ensembl_id(value) for value in values] for column, values in candidates.items()}
    best = max(parsed, key=lambda column: sum(value is not None for value in parsed[column]))
    return (best if any(parsed[best]) else "none"), parsed[best]


def _ensembl_id(value: str | None) -> str | None:
    match = ENSEMBL_ID.fullmatch(value or "")
    return match[1] if match else None


def _symbols(var: pd.DataFrame, names: list[str] | None) -> Sequence[str | None]:
    """The column with most human symbols (the first among equals); None for each gene if no column can hold them."""
    candidates: dict[str, Sequence[str | None]] = {**_columns(var, SYMBOL_COLUMNS)}
    if names is not None:
        candidates["index"] = names
    if not candidates:
        return [None] * len(var)
    id_of, _ = symbol_table()
    return max(candidates.values(), key=lambda values: sum(value in id_of for value in values))


def _columns(var: pd.DataFrame, wanted: tuple[str, ...]) -> dict[str, list[str | None]]:
    """Columns that are there, as text; missing and empty values are None."""
    present = [column for column in wanted if column in var.columns]
    return {
        column: [str(value) if pd.notna(value) and str(value) else None for value in var[column]] for column in present
    }
