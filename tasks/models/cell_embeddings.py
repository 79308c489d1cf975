"""Embeddings of whole cells, as the model's own project takes them: ``Adapter.embed_cells`` says how."""

import torch
from torch import Tensor

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import pad_batch, plan_batches
from tasks.models.splice import BATCH_TOKENS, Replacement, run_spliced


@torch.no_grad()
def cell_embeddings(adapter: Adapter, cells: TokenizedCells, replace: Replacement | None = None) -> Tensor:
    """Embeddings float32 [n_cells, e] of at least one cell; ``replace`` changes one layer at the genes' positions."""
    found: list[Tensor] = [torch.empty(0)] * cells.n_cells
    for rows in plan_batches(cells.lengths, BATCH_TOKENS):
        batch = pad_batch(cells, rows, adapter.vocabulary, adapter.device)
        hidden = run_spliced(adapter, batch, adapter.is_gene(batch.tokens), replace)
        for row, embedding in zip(rows, adapter.embed_cells(hidden, batch), strict=True):
            found[row] = embedding
    return torch.stack(found)
