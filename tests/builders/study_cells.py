"""Invented cells, genes and tokens: the world from which the rows of a synthetic study are counted."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.builders.contract_frames import contract_frame

MARKERS = {
    "B cell": ["CD79A", "MS4A1", "CD79B", "CD74"],
    "Monocyte": ["LYZ", "S100A8", "S100A9", "CST3"],
    "NK cell": ["NKG7", "GNLY", "GZMB", "PRF1"],
    "Platelet": ["PPBP", "PF4", "TUBB1", "SPARC"],
    "T cell": ["CD3D", "IL7R", "LTB", "CD3E"],
}
CELL_TYPES = list(MARKERS)


@dataclass(frozen=True)
class World:
    """Chosen cells and their gene positions. Arrays over positions are in the order of the cells."""

    cells: pl.DataFrame  # rows of table cell
    genes: pl.DataFrame  # rows of table gene
    symbols: list[str]
    cell_id: np.ndarray  # [positions]
    cell_type: np.ndarray  # [positions] index into CELL_TYPES
    gene: np.ndarray  # [positions] index into symbols
    heldout: np.ndarray  # [positions] bool


def make_world(seed: int, n_cells: int, n_genes: int, n_tokens: int) -> World:
    """``n_cells`` cells of five types, each with about ``n_tokens`` distinct genes; a tenth of the cells is dropped."""
    rng = np.random.default_rng(seed)
    symbols = [symbol for markers in MARKERS.values() for symbol in markers]
    symbols += [f"GENE{i}" for i in range(len(symbols), n_genes)]
    kind = rng.integers(0, len(CELL_TYPES), n_cells)
    chosen = np.arange(n_cells) % 10 != 9
    heldout = np.arange(n_cells) % 4 == 0
    drawn = [_draw_genes(rng, int(k), n_genes, n_tokens) for k in kind]
    counts = [len(genes) for genes in drawn]
    keep = np.repeat(chosen, counts)
    gene = np.concatenate(drawn)[keep]
    cell_id = np.repeat(np.arange(n_cells), counts)[keep]
    return World(
        cells=_cell_rows(rng, kind, chosen, heldout, np.array(counts)),
        genes=_gene_rows(symbols, gene, cell_id, int(chosen.sum())),
        symbols=symbols,
        cell_id=cell_id,
        cell_type=kind[cell_id],
        gene=gene,
        heldout=heldout[cell_id],
    )


def _draw_genes(rng: np.random.Generator, kind: int, n_genes: int, n_tokens: int) -> np.ndarray:
    """Distinct genes of one cell; markers of its type are drawn first."""
    weight = np.ones(n_genes)
    weight[kind * 4 : kind * 4 + 4] = 12.0
    size = int(rng.integers(max(2, n_tokens - 5), n_tokens + 6))
    return rng.choice(n_genes, min(size, n_genes), replace=False, p=weight / weight.sum())


def _cell_rows(
    rng: np.random.Generator, kind: np.ndarray, chosen: np.ndarray, heldout: np.ndarray, counts: np.ndarray
) -> pl.DataFrame:
    rank = np.cumsum(chosen) - 1
    rows = [
        {
            "cell_id": i,
            "barcode": f"CELL{i:05d}-1",
            "chosen": bool(chosen[i]),
            "drop_reason": None if chosen[i] else "not sampled",
            "split": ("heldout" if heldout[i] else "train") if chosen[i] else None,
            "label": CELL_TYPES[kind[i]],
            "n_counts": float(counts[i] * 3 + rng.integers(0, 50)),
            "n_genes": int(counts[i]),
            "n_tokens": int(counts[i]) + 2 if chosen[i] else None,
            "token_sha": f"{i:064x}" if chosen[i] else None,
            "draw_rank": int(rank[i]) if chosen[i] else None,
            "source": "cells.h5ad",
            "known_share": 0.9 if chosen[i] else None,
            "count_unit": None,
        }
        for i in range(len(kind))
    ]
    return contract_frame("cell", rows)


def obs_rows(cells: pl.DataFrame) -> pl.DataFrame:
    """Three obs columns, one of each kind, over the chosen cells, some without a value."""
    chosen = cells.filter("chosen")["cell_id"].to_list()
    rows = []
    for i, cell in enumerate(chosen):
        told = {"cell_id": cell, "value": None, "number": None}
        rows += [
            told | {"key": "donor", "kind": "category", "value": f"D{i % 3}" if i % 5 else None},
            told | {"key": "age", "kind": "number", "number": 40.5 + i % 7 if i % 4 else None},
            told | {"key": "treated", "kind": "boolean", "value": str(i % 2 == 0).lower() if i % 3 else None},
        ]
    return contract_frame("cell_obs", rows)


def _gene_rows(symbols: list[str], gene: np.ndarray, cell_id: np.ndarray, n_chosen: int) -> pl.DataFrame:
    cells_with = [len(np.unique(cell_id[gene == g])) for g in range(len(symbols))]
    rows = [
        {
            "gene_id": f"ENSG{g:011d}",
            "symbol": symbol,
            "token_id": g + 4,
            "median": 1.0 + g / 10,
            "n_cells": cells_with[g],
            "mean_count": 1.5 * cells_with[g] / n_chosen,
            "matched_by": "ensembl_id",
        }
        for g, symbol in enumerate(symbols)
    ]
    return contract_frame("gene", rows)
