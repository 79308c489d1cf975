"""Masked-gene prediction on given cells: how well a model knows which gene belongs at a rank.

1. A seeded draw hides a share of the gene positions behind ``<mask>``, whatever the batches will be.
2. The cells run through the blocks in batches of like length. Where a replacement is given, the output of one block
   is replaced at the positions that hold a gene in the unmasked cell (hidden ones too), and the later blocks go on
   from there: this is how a reconstruction is spliced in, or a layer ablated.
3. Logits are computed at the hidden positions alone; the score is their mean cross-entropy, in nat.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter, run_blocks
from tasks.models.batches import key_lengths, pad_batch, plan_batches
from tasks.models.vocabulary import Vocabulary
from tasks.store import RequestError

Replacement = tuple[int, Callable[[Tensor], Tensor]]  # layer, and states [n, d] of gene positions to [n, d]
BATCH_TOKENS = 16_384
MASK_FRACTION = 0.15  # of the genes, as in Geneformer's own training


@dataclass(frozen=True)
class MaskedScore:
    """Mean cross-entropy (nat) and share of first guesses that are right, over ``n_masked`` hidden genes."""

    loss: float
    top1: float
    n_masked: int


def masked_gene_loss(
    adapter: Adapter,
    cells: TokenizedCells,
    seed: int,
    mask_fraction: float = MASK_FRACTION,
    replace: Replacement | None = None,
) -> float:
    """Mean cross-entropy (nat) at the hidden genes. Same cells, seed and fraction hide the same genes."""
    return masked_gene_score(adapter, cells, seed, mask_fraction, replace).loss


@torch.no_grad()
def masked_gene_score(
    adapter: Adapter,
    cells: TokenizedCells,
    seed: int,
    mask_fraction: float = MASK_FRACTION,
    replace: Replacement | None = None,
) -> MaskedScore:
    """Loss and top-1 accuracy at the hidden genes. Raises RequestError if there is none."""
    masked = hide_genes(adapter.vocabulary, cells, seed, mask_fraction)
    loss, right, n_masked = 0.0, 0, 0
    for rows in plan_batches(cells.lengths, BATCH_TOKENS):
        targets, logits = _predict_hidden(adapter, cells, masked, rows, replace)
        loss += float(cross_entropy(logits, targets, reduction="sum"))
        right += int((logits.argmax(-1) == targets).sum())
        n_masked += len(targets)
    if n_masked == 0:
        raise RequestError(f"no gene to mask in {cells.n_cells} cells: choose more cells")
    return MaskedScore(loss / n_masked, right / n_masked, n_masked)


def hide_genes(
    vocabulary: Vocabulary, cells: TokenizedCells, seed: int, mask_fraction: float = MASK_FRACTION
) -> TokenizedCells:
    """The cells with ``<mask>`` in place of each gene, with probability ``mask_fraction``, whatever the batches."""
    gene = np.isin(cells.tokens, list(vocabulary.token_of.values()))
    hidden = draw_genes(gene, mask_fraction, np.random.default_rng(seed))
    tokens = np.where(hidden, vocabulary.mask, cells.tokens).astype(np.int32)
    return TokenizedCells(tokens, cells.offsets, cells.cell_id)


def draw_genes(gene: NDArray[np.bool_], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A share of the genes, each drawn alone; one at least, if there is one, so that a mean over them exists."""
    drawn = rng.random(gene.shape)
    chosen: NDArray[np.bool_] = gene & (drawn <= max(share, drawn[gene].min(initial=1.0)))
    return chosen


def _predict_hidden(
    adapter: Adapter,
    cells: TokenizedCells,
    masked: TokenizedCells,
    rows: NDArray[np.int64],
    replace: Replacement | None,
) -> tuple[Tensor, Tensor]:
    """Hidden genes int64 [n] of one batch, and their logits [n, V]."""
    pad = adapter.vocabulary.pad
    tokens, lengths = pad_batch(cells, rows, pad, adapter.device)
    shown, _ = pad_batch(masked, rows, pad, adapter.device)
    hidden = adapter.embed(shown, lengths)
    keys = key_lengths(lengths, tokens.shape[1])
    done = 0
    if replace is not None:
        layer, function = replace
        done = layer + 1
        hidden = run_blocks(adapter, hidden, 0, done, keys)
        gene = adapter.is_gene(tokens)
        hidden[gene] = function(hidden[gene])
    hidden = run_blocks(adapter, hidden, done, adapter.info.n_layers, keys)
    at = shown != tokens
    return tokens[at], adapter.predict(hidden[at])
