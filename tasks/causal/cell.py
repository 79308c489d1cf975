"""The undisturbed cell: what every displacement of it starts from and is compared with."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.models import Adapter
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch


@dataclass(frozen=True)
class SourceState:
    """A cell of S tokens up to the source layer: its output ``hidden`` [S, d], and where its features are active.

    ``genes`` int64, ascending, on the CPU: positions whose tokens are genes, where features are encoded.
    """

    cell_id: int
    hidden: Tensor
    sites: Sites
    genes: Tensor

    def to(self, device: torch.device) -> "SourceState":
        """The cell with its states on ``device``."""
        return replace(self, hidden=self.hidden.to(device))


@torch.inference_mode()
def source_state(adapter: Adapter, layer: int, encoder: TiledEncoder, cell_id: int, cell: Batch) -> SourceState:
    """Run a batch of one cell up to ``layer`` and encode it where its tokens are genes."""
    hidden = layer_output(adapter, cell, layer)
    genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    return SourceState(cell_id, hidden, Sites.of(encoder.encode(hidden[genes]), genes), genes.cpu())
