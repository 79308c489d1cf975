"""A small finished cells folder with invented cells, for the steps after tokenisation."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from tasks.cells.reader import COUNTS_FILE, TOKENS_FILE, VOCABULARY_FOLDER, TokenizedCells
from tasks.store import StepFolder
from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.contract_frames import contract_frame


def write_cells(
    folder: Path,
    cells: TokenizedCells,
    vocabulary: Vocabulary,
    *,
    heldout_every: int = 4,
    obs: list[dict[str, Any]] | None = None,
) -> Path:
    """Write ``cells``; every ``heldout_every``-th is held out. A cell's counts fall with the rank of the gene.

    Labels are A and B in turn, of obs column cell_type; ``obs``: rows of table ``cell_obs``.
    """
    with StepFolder.create(folder) as out:
        with out.unit("cells") as shard:
            shard.table("cell", _cell_rows(cells, heldout_every))
            shard.table("gene", _gene_rows(vocabulary))
            if obs is not None:
                shard.table("cell_obs", contract_frame("cell_obs", obs))
            with shard.file(TOKENS_FILE) as path:
                save_file(cells.arrays(), path)
            with shard.file(COUNTS_FILE) as path:
                save_file(_counts(cells, vocabulary), path)
            for name, text in vocabulary.documents().items():
                with shard.file(f"{VOCABULARY_FOLDER}/{name}") as path:
                    path.write_text(text)
        out.finish(
            n_genes=len(vocabulary.token_of),
            n_cells=cells.n_cells,
            max_length=vocabulary.max_length,
            obs={"label": "cell_type"},
        )
    return folder


def _cell_rows(cells: TokenizedCells, heldout_every: int) -> pl.DataFrame:
    rows = [
        {
            "cell_id": int(cell_id),
            "barcode": f"CELL{cell_id}",
            "chosen": True,
            "drop_reason": None,
            "split": "train" if i % heldout_every else "heldout",
            "label": "AB"[i % 2],
            "n_counts": 100.0,
            "n_genes": len(cells.cell(i)) - 2,
            "n_tokens": len(cells.cell(i)),
            "token_sha": "0" * 64,
            "draw_rank": i,
            "source": "cells.h5ad",
            "known_share": 1.0,
            "count_unit": None,
        }
        for i, cell_id in enumerate(cells.cell_id)
    ]
    return contract_frame("cell", rows)


def _gene_rows(vocabulary: Vocabulary) -> pl.DataFrame:
    rows = [
        {
            "gene_id": gene,
            "symbol": f"SYM{token}",
            "token_id": token,
            "median": vocabulary.median_of.get(gene),
            "n_cells": 1,
            "mean_count": 1.0,
            "matched_by": "ensembl_id",
        }
        for gene, token in vocabulary.token_of.items()
    ]
    return contract_frame("gene", rows)


def _counts(cells: TokenizedCells, vocabulary: Vocabulary) -> dict[str, np.ndarray]:
    column = {token: i for i, token in enumerate(vocabulary.token_of.values())}
    genes = [[column[t] for t in cells.cell(i).tolist() if t in column] for i in range(cells.n_cells)]
    data = np.concatenate([np.arange(len(row), 0, -1) for row in genes]).astype(np.float32)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in genes])]).astype(np.int64)
    indices = np.concatenate(genes).astype(np.int32)
    return {"data": data, "indices": indices, "indptr": indptr, "cell_id": cells.cell_id}
