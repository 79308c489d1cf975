"""Geneformer's forward pass written out in NumPy float64, one cell, one head at a time: the slow twin."""

import numpy as np
from torch.nn import Module


def plain_states(model: Module, tokens: np.ndarray) -> list[np.ndarray]:
    """Input of block 0 and output of every block, [S, d] each, for the tokens [S] of one cell."""
    weights = {name: value.double().numpy() for name, value in model.state_dict().items()}
    config = model.config
    at = "bert.embeddings."
    x = weights[at + "word_embeddings.weight"][tokens] + weights[at + "position_embeddings.weight"][: len(tokens)]
    states = [_norm(weights, at + "LayerNorm", x + weights[at + "token_type_embeddings.weight"][0])]
    for i in range(config.num_hidden_layers):
        states.append(_block(weights, f"bert.encoder.layer.{i}.", states[-1], config.num_attention_heads))
    return states


def plain_logits(model: Module, last: np.ndarray) -> np.ndarray:
    """Logits [S, V] of the last block's output [S, d]."""
    weights = {name: value.double().numpy() for name, value in model.state_dict().items()}
    at = "cls.predictions."
    inner = np.maximum(_dense(weights, at + "transform.dense", last), 0)
    normed = _norm(weights, at + "transform.LayerNorm", inner)
    return normed @ weights["bert.embeddings.word_embeddings.weight"].T + weights[at + "bias"]


def _block(weights, at, x, n_heads):
    query, key, value = (_dense(weights, f"{at}attention.self.{name}", x) for name in ("query", "key", "value"))
    width = x.shape[1] // n_heads
    mixed = np.empty_like(x)
    for head in range(n_heads):
        part = slice(head * width, (head + 1) * width)
        scores = query[:, part] @ key[:, part].T / np.sqrt(width)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        mixed[:, part] = odds / odds.sum(axis=1, keepdims=True) @ value[:, part]
    x = _norm(weights, at + "attention.output.LayerNorm", x + _dense(weights, at + "attention.output.dense", mixed))
    inner = np.maximum(_dense(weights, at + "intermediate.dense", x), 0)
    return _norm(weights, at + "output.LayerNorm", x + _dense(weights, at + "output.dense", inner))


def _dense(weights, name, x):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def _norm(weights, name, x):
    centred = x - x.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    return scaled * weights[name + ".weight"] + weights[name + ".bias"]
