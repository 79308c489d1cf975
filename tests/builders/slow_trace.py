"""The obvious slow twin of the engine: one pair at a time, a whole forward pass, every position encoded densely."""

import torch
from torch import Tensor
from transformers import BertForMaskedLM

from tasks.sae import TopKSae


def dense_codes(sae: TopKSae, x: Tensor) -> Tensor:
    """All features at all positions: [S, d] -> [S, F]."""
    pre = (x - sae.b_dec) @ sae.W_enc + sae.b_enc
    kept = torch.zeros_like(pre, dtype=torch.bool).scatter(1, pre.argsort(1, descending=True)[:, : sae.k], True)
    return torch.where(kept, pre.relu(), 0.0)


def forward(model: BertForMaskedLM, tokens: Tensor, layer: int, added: Tensor) -> list[Tensor]:
    """Outputs [S, d] of all blocks in a Hugging Face forward pass, ``added`` [S, d] joining the output of ``layer``."""

    def hook(_module, _inputs, output):
        return (output[0] + added, *output[1:]) if isinstance(output, tuple) else output + added

    handle = model.bert.encoder.layer[layer].register_forward_hook(hook)
    try:
        states = model(tokens[None], output_hidden_states=True).hidden_states
    finally:
        handle.remove()
    return [state[0] for state in states[1:]]


def slow_effects(
    model: BertForMaskedLM, tokens: Tensor, genes: Tensor, source: TopKSae, targets: dict[int, TopKSae], feature: int
) -> dict[int, Tensor]:
    """Effects [F] on each target layer of taking ``feature`` out of one cell, by the difference of reconstructions.

    ``genes`` bool [S]: special tokens are neither encoded nor touched.
    """
    nothing = torch.zeros(len(tokens), source.d_model, dtype=source.W_dec.dtype)
    clean = forward(model, tokens, source.layer, nothing)
    codes = dense_codes(source, clean[source.layer]) * genes[:, None]
    without = codes.clone()
    without[:, feature] = 0
    changed = forward(model, tokens, source.layer, without @ source.W_dec - codes @ source.W_dec)
    active = codes[:, feature] > 0
    return {
        layer: (dense_codes(sae, changed[layer]) - dense_codes(sae, clean[layer]))[active].mean(0)
        for layer, sae in targets.items()
    }
