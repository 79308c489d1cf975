"""The published procedure and its re-trace: plain twins that do all the work those programs did.

original   a whole forward pass with eager attention and the vocabulary head; the source block's output is replaced
re-trace   the changed state enters the block after the source; only later blocks run, with fused attention
both       two dense decodes for the displacement, dense codes of all gene positions at every target layer
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from tasks.models.families.geneformer import GeneformerAdapter
from tasks.sae import Sae


def dense_codes(sae: Sae, x: Tensor) -> Tensor:
    """All features at all positions, as those programs computed them: [n, d] -> [n, F]."""
    values, indices = ((x - sae.b_dec) @ sae.W_enc + sae.b_enc).topk(sae.k, dim=1)
    return torch.zeros(len(x), sae.n_features, dtype=x.dtype, device=x.device).scatter_(1, indices, values.relu())


@dataclass(frozen=True)
class PublishedTrace:
    """One cell; ``hidden`` [S, d] is the source layer's clean output, ``genes`` int64 [n] the gene positions."""

    adapter: GeneformerAdapter
    source: Sae
    targets: dict[int, Sae]
    tokens: Tensor
    hidden: Tensor
    genes: Tensor

    @cached_property
    def codes(self) -> Tensor:
        """Dense clean codes of the source [n, F]."""
        return dense_codes(self.source, self.hidden[self.genes])

    @cached_property
    def clean(self) -> dict[int, Tensor]:
        """Dense clean codes of the target layers."""
        return {layer: dense_codes(self.targets[layer], state[self.genes]) for layer, state in self._later(self.hidden)}

    def changed(self, feature: int) -> Tensor:
        """The source layer's output [S, d] without the feature, by the difference of two reconstructions."""
        without = self.codes.clone()
        without[:, feature] = 0
        hidden = self.hidden.clone()
        hidden[self.genes] += without @ self.source.W_dec - self.codes @ self.source.W_dec
        return hidden

    def original(self, feature: int) -> dict[int, Tensor]:
        """Effects [F] by a whole forward pass."""
        model, hidden = self.adapter.model, self.changed(feature)

        def replace(_module, _inputs, output):
            return (hidden[None], *output[1:]) if isinstance(output, tuple) else hidden[None]

        model.set_attn_implementation("eager")
        handle = model.bert.encoder.layer[self.source.layer].register_forward_hook(replace)
        try:
            states = model(self.tokens[None], output_hidden_states=True).hidden_states
        finally:
            handle.remove()
            model.set_attn_implementation("sdpa")
        return self._effects(feature, {layer: states[layer + 1][0] for layer in self.targets})

    def retrace(self, feature: int) -> dict[int, Tensor]:
        """Effects [F] from the block after the source on, up to the deepest target."""
        return self._effects(feature, dict(self._later(self.changed(feature))))

    def retrace_to_the_end(self, feature: int) -> dict[int, Tensor]:
        """As published, whatever the targets: all later blocks run."""
        later = self.adapter.blocks(self.changed(feature)[None], self.source.layer + 1, self.adapter.info.n_layers)
        states = {layer: state[0] for layer, state in enumerate(later, self.source.layer + 1) if layer in self.targets}
        return self._effects(feature, states)

    def _later(self, hidden: Tensor) -> list[tuple[int, Tensor]]:
        first, stop = self.source.layer + 1, max(self.targets) + 1
        states = enumerate(self.adapter.blocks(hidden[None], first, stop), first)
        return [(layer, state[0]) for layer, state in states if layer in self.targets]

    def _effects(self, feature: int, states: dict[int, Tensor]) -> dict[int, Tensor]:
        active = self.codes[:, feature] > 0
        return {
            layer: (dense_codes(self.targets[layer], state[self.genes]) - self.clean[layer])[active].mean(0)
            for layer, state in states.items()
        }
