"""Masked-gene prediction on given cells: how well a model knows which gene belongs at a rank, or what value a gene has.

1. A seeded draw hides a share of the gene positions, whatever the batches will be: a gene behind ``<mask>``, or, of a
   model that reads values, a gene's value behind the value that means "hidden", or the gene is left out of the cell.
2. The cells run through the blocks in batches of like length. Where a replacement is given, the output of one block
   is replaced at the positions that hold a gene in the unmasked cell, hidden ones too if they are there (``splice``).
3. Predictions are made of the hidden genes alone. The score is the mean cross-entropy of the genes, in nat, or the mean
   squared error of the values, in squares of what the model reads: bins, or log1p of counts per 10,000.

A model that predicts the next token is shown the cells as they are, and scored at every gene that has a token before
it: the gene at i + 1 is predicted at i, from the tokens up to i, and neither seed nor share matter. A replacement at i
then reaches the predictions of all genes behind i. The first gene is predicted from the special token before it alone,
whatever is replaced.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import Asked, pad_batch, pad_rows, plan_batches
from tasks.models.splice import BATCH_TOKENS, Replacement, run_spliced
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary

MASK_FRACTION = 0.15  # of the genes, as in Geneformer's own training
ROWS = 2048  # predictions of next tokens that are held at once, each as wide as the vocabulary


@dataclass(frozen=True)
class MaskedScore:
    """Loss and share of first guesses that are right, over ``n_masked`` hidden or next genes; no guesses of values."""

    loss: float
    top1: float | None
    n_masked: int


@dataclass(frozen=True)
class _Masked:
    """Cells as the model is shown them, and what was hidden: bool [N]."""

    cells: TokenizedCells
    hidden: NDArray[np.bool_]


def masked_gene_loss(
    adapter: Adapter,
    cells: TokenizedCells,
    seed: int,
    mask_fraction: float = MASK_FRACTION,
    replace: Replacement | None = None,
) -> float:
    """Mean loss at the hidden or next genes. Same cells, seed and fraction hide the same genes."""
    return masked_gene_score(adapter, cells, seed, mask_fraction, replace).loss


@torch.no_grad()
def masked_gene_score(
    adapter: Adapter,
    cells: TokenizedCells,
    seed: int,
    mask_fraction: float = MASK_FRACTION,
    replace: Replacement | None = None,
) -> MaskedScore:
    """Loss and top-1 accuracy at the hidden or next genes.

    Raises RequestError if there is none, or if the model predicts nothing.
    """
    hidden = scored_genes(adapter, cells, seed, mask_fraction)
    if not hidden.any():
        raise RequestError(f"no gene to mask in {cells.n_cells} cells: choose more cells")
    shown = cells if adapter.predicts == "next" else hide_genes(adapter.vocabulary, cells, hidden)
    loss, right = 0.0, 0
    for rows in plan_batches(cells.lengths, BATCH_TOKENS):
        for targets, found in _predict_hidden(adapter, cells, _Masked(shown, hidden), rows, replace):
            if adapter.predicts == "values":
                loss += float(mse_loss(found, targets, reduction="sum"))
            else:
                loss += float(cross_entropy(found, targets, reduction="sum"))
                right += int((found.argmax(-1) == targets).sum())
    n_masked = int(hidden.sum())
    return MaskedScore(loss / n_masked, None if adapter.predicts == "values" else right / n_masked, n_masked)


def scored_genes(
    adapter: Adapter, cells: TokenizedCells, seed: int, mask_fraction: float = MASK_FRACTION
) -> NDArray[np.bool_]:
    """Which tokens [N] are predicted: those that are hidden, or all genes but a cell's first token, if the next is."""
    if adapter.predicts != "next":
        return draw_hidden(adapter.vocabulary, cells, seed, mask_fraction)
    genes = np.isin(cells.tokens, list(adapter.vocabulary.token_of.values()))
    genes[cells.offsets[:-1][cells.lengths > 0]] = False
    return genes


def draw_hidden(
    vocabulary: Vocabulary, cells: TokenizedCells, seed: int, mask_fraction: float = MASK_FRACTION
) -> NDArray[np.bool_]:
    """Which tokens [N] are hidden: each gene with probability ``mask_fraction``, whatever the batches."""
    gene = np.isin(cells.tokens, list(vocabulary.token_of.values()))
    return draw_genes(gene, mask_fraction, np.random.default_rng(seed))


def hide_genes(vocabulary: Vocabulary, cells: TokenizedCells, hidden: NDArray[np.bool_]) -> TokenizedCells:
    """The cells with ``<mask>``, or the value that hides a gene's own, or nothing, where ``hidden`` [N] says so."""
    if vocabulary.leaves_out:
        return _without(cells, hidden)
    if cells.values is None:
        return dataclasses.replace(cells, tokens=np.where(hidden, vocabulary.mask, cells.tokens).astype(np.int32))
    values = np.where(hidden, vocabulary.special_value("<mask>"), cells.values)
    return dataclasses.replace(cells, values=values.astype(np.float32))


def _without(cells: TokenizedCells, left_out: NDArray[np.bool_]) -> TokenizedCells:
    """The cells without the tokens marked in [N]."""
    kept = ~left_out
    offsets = np.concatenate([[0], np.cumsum(kept)])[cells.offsets].astype(np.int64)
    values = None if cells.values is None else cells.values[kept]
    return TokenizedCells(cells.tokens[kept], offsets, cells.cell_id, values)


def draw_genes(gene: NDArray[np.bool_], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A share of the genes, each drawn alone; one at least, if there is one, so that a mean over them exists."""
    drawn = rng.random(gene.shape)
    chosen: NDArray[np.bool_] = gene & (drawn <= max(share, drawn[gene].min(initial=1.0)))
    return chosen


def _predict_hidden(
    adapter: Adapter,
    cells: TokenizedCells,
    masked: "_Masked",
    rows: NDArray[np.int64],
    replacement: Replacement | None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """What was hidden in one batch, genes int64 [n] or values [n], and what is predicted, [n, V] or [n]; in parts."""
    vocabulary, device = adapter.vocabulary, adapter.device
    batch, shown = (pad_batch(each, rows, vocabulary, device) for each in (cells, masked.cells))
    at = pad_rows(masked.hidden, cells, rows, False).to(device)
    there = shown if vocabulary.leaves_out else batch  # a gene behind <mask> is still one
    states = run_spliced(adapter, shown, adapter.is_gene(there.tokens), replacement)
    wanted = (batch.tokens if batch.values is None else batch.values)[at]
    cell, place = at.nonzero(as_tuple=True)
    asked = Asked(cell, torch.full_like(place, -1) if vocabulary.leaves_out else place, batch.tokens[at])
    if adapter.predicts != "next":
        yield wanted, adapter.predict_asked(states, shown, asked)
        return
    for part in torch.split(torch.arange(len(wanted), device=device), ROWS):
        some = Asked(asked.cell[part], asked.place[part], asked.token[part])
        yield wanted[part], adapter.predict_asked(states, shown, some)
