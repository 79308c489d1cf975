"""Changed copies of one cell: the model runs up to the changed layer once, and copies go on from there side by side.

1. The cell, as the model is shown it, runs up to the layer; features are read there.
2. b equal copies run through the later blocks. If they do not all come out bit for bit the same, b is halved: then
   every place of a batch computes alike, and what comes out is the undisturbed end of the cell.
3. Changed copies go b at a time, the last batch filled up with undisturbed ones. A copy to which nothing is done ends
   bit for bit where the undisturbed cell does, and no copy depends on the others.
4. Copies may be changed again at later layers, each by what its own output there is: features of several layers act in
   the order of layers, each on what the earlier changes have left.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from tasks.causal.displacement import Displacement, Rows
from tasks.causal.engines import BATCH_TOKENS, BATCH_TOKENS_GPU
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder, invariant_rows
from tasks.models import Adapter
from tasks.models.adapter import layer_output, run_blocks
from tasks.models.batches import Batch

Onward = Callable[[Tensor], Displacement]  # from a copy's output [S, d] of a later layer to what is added to it


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
        hidden = layer_output(adapter, cell, layer)
        if genes is None:
            genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
        sites = Sites.of(encoder.encode(hidden[genes]), genes)
        on_cpu = torch.device(adapter.device).type == "cpu"
        usual = BATCH_TOKENS if on_cpu else BATCH_TOKENS_GPU
        most = max(1, (usual if batch_tokens == "auto" else batch_tokens) // len(hidden))
        batch, (found,) = invariant_rows(most, lambda size: [_onward(adapter, layer, hidden.repeat(size, 1, 1))])
        return cls(adapter, layer, cell, hidden, sites, genes, found[0].clone(), batch)

    def finals(self, displacements: Sequence[Displacement]) -> Iterator[Tensor]:
        """Step 3: yield the output [S, d] of the last block of every displaced copy, in order."""
        last = self.adapter.info.n_layers - 1
        for states in self.states(displacements, {last}):
            yield states[last]

    @torch.inference_mode()
    def states(
        self,
        displacements: Sequence[Displacement],
        layers: Collection[int],
        later: Sequence[Mapping[int, Onward]] = (),
    ) -> Iterator[dict[int, Tensor]]:
        """Step 3: yield the outputs [S, d] of ``layers`` in every displaced copy; none of them before the changed one.

        Later blocks run as far as the deepest of ``layers``. ``later``: of every copy, what is done to it at later
        layers (step 4); outputs of these layers are those with the change.
        """
        for first in range(0, len(displacements), self.batch):
            part = list(displacements[first : first + self.batch])
            hidden = self._added(self.hidden.repeat(self.batch, 1, 1), part)
            kept = {self.layer: hidden} if self.layer in layers else {}
            for layer, state in self._outputs(hidden, max(layers), later[first : first + self.batch]):
                kept |= {layer: state} if layer in layers else {}
            yield from ({layer: state[item] for layer, state in kept.items()} for item in range(len(part)))

    def _outputs(
        self, hidden: Tensor, last: int, later: Sequence[Mapping[int, Onward]]
    ) -> Iterator[tuple[int, Tensor]]:
        """Layers after the copies' own up to ``last``, and their outputs [b, S, d] with what is added there."""
        done = self.layer
        for stop in sorted({last, *(layer for one in later for layer in one if layer < last)}):
            for layer, state in enumerate(self.adapter.blocks(hidden, done + 1, stop + 1), done + 1):
                hidden = state
                if layer == stop and any(layer in one for one in later):
                    nothing = Displacement(self.genes[:0].cpu(), hidden[0, :0].cpu())
                    there = enumerate(later)
                    hidden = self._added(
                        hidden.clone(), [one[layer](state[item]) if layer in one else nothing for item, one in there]
                    )
                yield layer, hidden
            done = stop

    def _added(self, hidden: Tensor, displacements: list[Displacement]) -> Tensor:
        """States [b, S, d], the first of them displaced in place."""
        rows = Rows.of(displacements, self.hidden)
        hidden[rows.item, rows.positions] += rows.values
        return hidden


def _onward(adapter: Adapter, layer: int, hidden: Tensor) -> Tensor:
    """The output of the last block [b, S, d] for outputs of ``layer``."""
    return run_blocks(adapter, hidden, layer + 1, adapter.info.n_layers)
