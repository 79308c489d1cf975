"""The obvious slow twin of the engine: one pair at a time, a whole forward pass, every position encoded densely."""

from collections.abc import Callable

import torch
from torch import Tensor
from transformers import BertForMaskedLM

from tasks.sae import Sae


def dense_codes(sae: Sae, x: Tensor) -> Tensor:
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


def scaled(codes: Tensor, features, multiplier: float) -> Tensor:
    """Codes [S, F] with some features multiplied."""
    changed = codes.clone()
    changed[:, features] *= multiplier
    return changed


def slow_effects(
    model: BertForMaskedLM,
    tokens: Tensor,
    genes: Tensor,
    source: Sae,
    targets: dict[int, Sae],
    features: int | Tensor,
    multiplier: float = 0.0,
) -> dict[int, Tensor]:
    """Effects [F] on each target layer of scaling ``features`` in one cell, by the difference of reconstructions.

    ``genes`` bool [S]: special tokens are neither encoded nor touched. Averaged where any of the features is active.
    """
    nothing = torch.zeros(len(tokens), source.d_model, dtype=source.W_dec.dtype)
    clean = forward(model, tokens, source.layer, nothing)
    codes = dense_codes(source, clean[source.layer]) * genes[:, None]
    added = scaled(codes, features, multiplier) @ source.W_dec - codes @ source.W_dec
    changed = forward(model, tokens, source.layer, added)
    active = codes[:, features].reshape(len(tokens), -1).any(1)
    return {
        layer: (dense_codes(sae, changed[layer]) - dense_codes(sae, clean[layer]))[active].mean(0)
        for layer, sae in targets.items()
    }


def slow_direct(
    model: BertForMaskedLM,
    tokens: Tensor,
    genes: Tensor,
    source: Sae,
    targets: dict[int, Sae],
    feature: int,
    multiplier: float = 0.0,
) -> dict[int, Tensor]:
    """Effects [F] when every block sees the changed state at the active positions and the clean state elsewhere.

    After each block, the other positions are put back to what they were.
    """
    nothing = torch.zeros(len(tokens), source.d_model, dtype=source.W_dec.dtype)
    clean = forward(model, tokens, source.layer, nothing)
    codes = dense_codes(source, clean[source.layer]) * genes[:, None]
    active = codes[:, feature] > 0
    hidden = clean[source.layer] + (scaled(codes, feature, multiplier) - codes) @ source.W_dec
    effects = {}
    for layer in range(source.layer + 1, max(targets) + 1):
        output = model.bert.encoder.layer[layer](hidden[None])
        hidden = (output[0] if isinstance(output, tuple) else output).reshape(len(tokens), -1)
        hidden = torch.where(active[:, None], hidden, clean[layer])
        if layer in targets:
            sae = targets[layer]
            effects[layer] = (dense_codes(sae, hidden) - dense_codes(sae, clean[layer]))[active].mean(0)
    return effects


def slow_replacement(
    model: BertForMaskedLM,
    tokens: Tensor,
    genes: Tensor,
    source: Sae,
    targets: dict[int, Sae],
    feature: int,
    replace: Callable[[Tensor], Tensor],
    read: str = "active",
) -> dict[int, Tensor]:
    """Effects [F] on each target layer where the active values [P] of a feature become ``replace`` of them.

    Averaged over the genes where it is ``active``, where it is ``silent``, or over ``all``.
    """
    clean = forward(model, tokens, source.layer, torch.zeros(len(tokens), source.d_model, dtype=source.W_dec.dtype))
    codes = dense_codes(source, clean[source.layer]) * genes[:, None]
    active, changed = codes[:, feature] > 0, codes.clone()
    changed[active, feature] = replace(codes[active, feature])
    after = forward(model, tokens, source.layer, changed @ source.W_dec - codes @ source.W_dec)
    rows = {"active": active, "silent": genes & ~active, "all": genes}[read]
    return {
        at: (dense_codes(sae, after[at]) - dense_codes(sae, clean[at]))[rows].mean(0) for at, sae in targets.items()
    }
