"""The obvious slow twin of combined interventions: for every condition, one whole forward pass with hooks."""

from collections.abc import Mapping
from contextlib import ExitStack

import torch
from torch import Tensor
from transformers import BertForMaskedLM

from tasks.combine.sets import Combination, Condition, Subset
from tasks.sae import Sae
from tests.builders.slow_trace import dense_codes


def slow_states(
    model: BertForMaskedLM,
    tokens: Tensor,
    genes: Tensor,
    saes: dict[int, Sae],
    condition: Condition,
    turned: Mapping[tuple[str, int, int], Tensor] | None = None,
) -> list[Tensor]:
    """Outputs [S, d] of all blocks while every intervention acts on its layer's output as it comes."""

    def changing(layer):
        def hook(_module, _inputs, output):
            state = (output[0] if isinstance(output, tuple) else output).reshape(len(tokens), -1)
            codes = dense_codes(saes[layer], state) * genes[:, None]
            added = torch.zeros_like(state)
            for each in condition:
                if each.layer == layer:
                    own = (turned or {}).get((each.along, layer, each.feature), saes[layer].W_dec[each.feature])
                    added += (each.multiplier - 1) * codes[:, each.feature, None] * own
            state = (state + added)[None]
            return (state, *output[1:]) if isinstance(output, tuple) else state

        return hook

    with ExitStack() as hooks:
        for layer in {each.layer for each in condition}:
            handle = model.bert.encoder.layer[layer].register_forward_hook(changing(layer))
            hooks.callback(handle.remove)
        states = model(tokens[None], output_hidden_states=True).hidden_states
    return [state[0] for state in states[1:]]


def slow_combination(
    model: BertForMaskedLM,
    tokens: Tensor,
    genes: Tensor,
    saes: dict[int, Sae],
    targets: dict[int, Sae],
    combination: Combination,
    turned: Mapping[tuple[str, int, int], Tensor] | None = None,
) -> dict[tuple[Subset, int], Tensor]:
    """Effects [F] of every subset on every deeper target layer, each condition from scratch."""
    clean = slow_states(model, tokens, genes, saes, ())
    active = torch.zeros(len(tokens), dtype=torch.bool)
    for each in combination.members:
        active |= (dense_codes(saes[each.layer], clean[each.layer])[:, each.feature] > 0) & genes
    effects = {}
    for subset in combination.subsets:
        changed = slow_states(model, tokens, genes, saes, combination.condition(subset), turned)
        for layer, sae in targets.items():
            if layer > combination.deepest:
                difference = dense_codes(sae, changed[layer]) - dense_codes(sae, clean[layer])
                effects[subset, layer] = difference[active].mean(0)
    return effects
