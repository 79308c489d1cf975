"""The blocks of a model with the output of one layer replaced where genes stand.

The later blocks go on from there: this is how a reconstruction is spliced in, or a layer ablated.
"""

from collections.abc import Callable

from torch import Tensor

from tasks.models.adapter import Adapter, run_blocks
from tasks.models.batches import Batch

Replacement = tuple[int, Callable[[Tensor], Tensor]]  # layer, and states [n, d] of gene positions to [n, d]
BATCH_TOKENS = 16_384  # positions of a batch of cells that a model is scored on


def run_spliced(adapter: Adapter, batch: Batch, gene: Tensor, replacement: Replacement | None) -> Tensor:
    """The output of the last block [B, S, d]; ``gene`` bool [B, S] marks the positions that are replaced."""
    hidden = adapter.embed(batch)
    done = 0
    if replacement is not None:
        layer, function = replacement
        done = layer + 1
        hidden = run_blocks(adapter, hidden, 0, done, batch.keys)
        hidden[gene] = function(hidden[gene])
    return run_blocks(adapter, hidden, done, adapter.info.n_layers, batch.keys)
