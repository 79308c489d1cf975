"""Changed copies of one cell: the model runs up to the changed layer once, and copies go on from there side by side.

1. The cell, as the model is shown it, runs up to the layer; features are read there.
2. b equal copies run through the later blocks. If they do not all come out bit for bit the same, b is halved: then
   every place of a batch computes alike, and what comes out is the undisturbed end of the cell.
3. Changed copies go b at a time, the last batch filled up with undisturbed ones. A copy to which nothing is done ends
   bit for bit where the undisturbed cell does, and no copy depends on the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from tasks.causal.displacement import Displacement, Rows
from tasks.causal.engines import BATCH_TOKENS, BATCH_TOKENS_GPU
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder, invariant_rows
from tasks.models import Adapter
from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch


@dataclass(frozen=True)
class Copies:
    """A batch of one cell of S tokens, ready to be changed at ``layer``.

    ``hidden`` [S, d] is the layer's output, ``sites`` where its features are active, ``genes`` int64 [G] the positions
    of genes, and ``final`` [S, d] the output of the last block with nothing changed; ``batch`` copies run at once.
    """

    adapter: Adapter
    layer: int
    cell: Batch
    hidden: Tensor
    sites: Sites
    genes: Tensor
    final: Tensor
    batch: int

    @classmethod
    @torch.inference_mode()
    def of(
        cls,
        adapter: Adapter,
        layer: int,
        encoder: TiledEncoder,
        cell: Batch,
        genes: Tensor | None = None,
        batch_tokens: int | Literal["auto"] = "auto",
    ) -> "Copies":
        """Steps 1 and 2.

        ``genes`` int64 [G] ascending: where features are read and changed; without them, where ``cell`` shows a gene.
        Of a cell with hidden genes give those of the cell as it is (``HiddenGenes.genes``): a feature acts at hidden
        positions too. ``batch_tokens``: tokens that pass through a block at once; auto: as suits the device.
        """
        hidden = run_blocks(adapter, adapter.embed(cell), 0, layer + 1)[0]
        if genes is None:
            genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
        sites = Sites.of(encoder.encode(hidden[genes]), genes)
        on_cpu = torch.device(adapter.device).type == "cpu"
        usual = BATCH_TOKENS if on_cpu else BATCH_TOKENS_GPU
        most = max(1, (usual if batch_tokens == "auto" else batch_tokens) // len(hidden))
        batch, (found,) = invariant_rows(most, lambda size: [_onward(adapter, layer, hidden.repeat(size, 1, 1))])
        return cls(adapter, layer, cell, hidden, sites, genes, found[0].clone(), batch)

    @torch.inference_mode()
    def finals(self, displacements: Sequence[Displacement]) -> Iterator[Tensor]:
        """Step 3: yield the output [S, d] of the last block of every displaced copy, in order."""
        for first in range(0, len(displacements), self.batch):
            part = list(displacements[first : first + self.batch])
            hidden = self.hidden.repeat(self.batch, 1, 1)
            rows = Rows.of(part, self.hidden)
            hidden[rows.item, rows.positions] += rows.values
            yield from _onward(self.adapter, self.layer, hidden)[: len(part)]


def _onward(adapter: Adapter, layer: int, hidden: Tensor) -> Tensor:
    """The output of the last block [b, S, d] for outputs of ``layer``."""
    return run_blocks(adapter, hidden, layer + 1, adapter.info.n_layers)
