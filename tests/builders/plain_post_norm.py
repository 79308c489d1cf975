"""Forward passes of scGPT and scFoundation written out in NumPy float64, one cell, one head at a time: the slow twins.

They read the checkpoint by the names it has on disk.
"""

from collections.abc import Mapping

import numpy as np
from torch import Tensor


class Weights:
    """Tensors by name as float64 arrays, made when they are asked for."""

    def __init__(self, tensors: Mapping[str, Tensor], prefix: str = "") -> None:
        self.tensors, self.prefix = tensors, prefix

    def __getitem__(self, name: str) -> np.ndarray:
        return self.tensors[self.prefix + name].double().numpy()

    def rows(self, name: str, rows: np.ndarray) -> np.ndarray:
        return self.tensors[self.prefix + name][rows].double().numpy()

    def named(self, *ends: str) -> np.ndarray:
        """The one of several spellings that is there."""
        return next(self[end] for end in ends if self.prefix + end in self.tensors)


def plain_scgpt(w: Weights, tokens, values, n_layers, n_heads) -> list[np.ndarray]:
    """Input of block 0 and output of every block, [S, d] each."""
    gene = norm(w, "encoder.enc_norm", w.rows("encoder.embedding.weight", tokens))
    column = np.minimum(values.astype(np.float64), 512)[:, None]
    inner = np.maximum(dense(w, "value_encoder.linear1", column), 0)
    value = norm(w, "value_encoder.norm", dense(w, "value_encoder.linear2", inner))
    states = [batch_normed(w, gene + value)]
    for i in range(n_layers):
        states.append(block(w, f"transformer_encoder.layers.{i}.", states[-1], n_heads))
    return states


def batch_normed(w: Weights, x: np.ndarray) -> np.ndarray:
    """The sum of gene and value as fine-tuned models normalise it, channel by channel, under either of its names."""
    at = next((at for at in ("bn.", "dsbn.bns.0.") if at + "running_mean" in w.tensors), None)
    if at is None:
        return x
    x = (x - w[at + "running_mean"]) / np.sqrt(w[at + "running_var"] + 6.1e-5)
    return x * w[at + "weight"] + w[at + "bias"] if at + "weight" in w.tensors else x


def plain_scgpt_values(w: Weights, last: np.ndarray) -> np.ndarray:
    """Predicted values [n] of the last block's outputs [n, d]."""
    for i in (0, 2):
        last = dense(w, f"decoder.fc.{i}", last)
        last = np.where(last > 0, last, 0.01 * last)
    return dense(w, "decoder.fc.4", last)[:, 0]


def plain_scfoundation(w: Weights, tokens, values, n_layers, n_heads, alpha=1.0) -> list[np.ndarray]:
    """Input of block 0 and output of every block, [S, d] each."""
    scores = dense(w, "token_emb.mlp", values.astype(np.float64)[:, None])
    scores = np.where(scores > 0, scores, 0.1 * scores)
    weights = softmax(alpha * scores + dense(w, "token_emb.mlp2", scores))
    states = [weights @ w["token_emb.emb.weight"] + w.rows("pos_emb.weight", tokens)]
    for i in range(n_layers):
        states.append(block(w, f"encoder.transformer_encoder.{i}.", states[-1], n_heads))
    return states


def block(w: Weights, at: str, x: np.ndarray, n_heads: int) -> np.ndarray:
    own = Weights(w.tensors, w.prefix + at + "self_attn.")
    matrix = own.named("in_proj_weight", "Wqkv.weight", "_impl.Wqkv.weight")
    fused = x @ matrix.T + own.named("in_proj_bias", "Wqkv.bias", "_impl.Wqkv.bias")
    query, key, value = np.split(fused, 3, axis=1)
    width = x.shape[1] // n_heads
    mixed = np.empty_like(x)
    for head in range(n_heads):
        part = slice(head * width, (head + 1) * width)
        mixed[:, part] = softmax(query[:, part] @ key[:, part].T / np.sqrt(width)) @ value[:, part]
    out = own.named("out_proj.weight", "_impl.out_proj.weight"), own.named("out_proj.bias", "_impl.out_proj.bias")
    x = norm(w, at + "norm1", x + mixed @ out[0].T + out[1])
    inner = np.maximum(dense(w, at + "linear1", x), 0)
    return norm(w, at + "norm2", x + dense(w, at + "linear2", inner))


def dense(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def norm(w: Weights, name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * w[name + ".weight"] + w[name + ".bias"]


def softmax(scores: np.ndarray) -> np.ndarray:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
