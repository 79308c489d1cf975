"""The undisturbed cell: one pass from the tokens through the model, kept for all ablations of the cell.

1. Embed the tokens and run the blocks up to the source layer; encode it where the tokens are genes.
2. Run the rest once, in a batch of the shape that ablated rows will have, with the same row at every place. If a place
   differs in a single bit, halve the batch: afterwards an ablation that displaces nothing gives exactly zero.
3. Keep the source output, the sites of active source features, and the target layers' sparse codes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.models.adapter import run_blocks
from tasks.sae import SparseCodes
from tasks.trace.sites import Sites
from tasks.trace.tail import Tail, TiledEncoder, invariant_rows


@dataclass(frozen=True)
class CleanCell:
    """A cell of S tokens.

    ``hidden`` [S, d] is the source layer's output; ``codes`` holds k codes at each of the S positions for every target
    layer; ``batch_rows`` is the number of sequences in every batch of this cell.
    """

    cell_id: int
    hidden: Tensor
    sites: Sites
    codes: dict[int, SparseCodes]
    batch_rows: int


@torch.inference_mode()
def source_state(tail: Tail, encoder: TiledEncoder, tokens: Tensor) -> tuple[Tensor, Sites]:
    """Source layer's output [S, d] for tokens int64 [S], and the sites of its active features."""
    lengths = torch.tensor([tokens.shape[0]], device=tokens.device)
    embedded = tail.adapter.embed(tokens[None], lengths)
    hidden = run_blocks(tail.adapter, embedded, 0, tail.source_layer + 1)[0]
    genes = tail.adapter.is_gene(tokens).nonzero().flatten()
    return hidden, Sites.of(encoder.encode(hidden[genes]), genes)


@torch.inference_mode()
def clean_cell(tail: Tail, cell_id: int, hidden: Tensor, sites: Sites, batch_tokens: int) -> CleanCell:
    """Run the rest of the model on ``hidden`` [S, d] in the shape of the ablated batches."""

    def outputs(rows: int) -> list[Tensor]:
        return [output for _, output in tail.states(hidden.repeat(rows, 1, 1))]

    rows, found = invariant_rows(max(1, batch_tokens // hidden.shape[0]), outputs)
    codes = {layer: tail.encoders[layer].encode(output[0]) for layer, output in zip(tail.targets, found, strict=True)}
    return CleanCell(cell_id, hidden, sites, codes, rows)
