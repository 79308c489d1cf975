"""scFoundation's decoder written out in NumPy float64 from the published description: the slow twin.

Attention is written as what it stands for, a kernel matrix over all pairs of positions (Choromanski et al. 2021, with
the positive features of FAVOR+), one head at a time.
"""

import math

import numpy as np

from tests.builders.plain_post_norm import Weights, dense, norm, softmax


def plain_values(w: Weights, last, tokens, hidden, n_tokens, shape, alpha=1.0) -> np.ndarray:
    """Predicted values [n_tokens - 1] from the last block's outputs [S, d] at ``tokens``; ``hidden``: gene tokens."""
    x = np.empty((n_tokens - 1, last.shape[1]))
    seen = dict(zip(tokens.tolist(), norm(w, "encoder.norm", last), strict=True))
    for gene in range(n_tokens - 1):
        if gene in seen:
            x[gene] = seen[gene]
        elif gene in hidden:
            x[gene] = w["token_emb.emb_mask.weight"][0]
        else:
            scores = dense(w, "token_emb.mlp", np.zeros((1, 1)))
            scores = np.where(scores > 0, scores, 0.1 * scores)
            x[gene] = (softmax(alpha * scores + dense(w, "token_emb.mlp2", scores)) @ w["token_emb.emb.weight"])[0]
        x[gene] += w.rows("pos_emb.weight", np.array([gene]))[0]
    x = dense(w, "decoder_embed", x)
    for i in range(shape["n_layers"]):
        at = f"decoder.performer.net.layers.{i}."
        x = x + attention(w, at + "0.fn.", norm(w, at + "0.norm", x), shape)
        inner = dense(w, at + "1.fn.fn.w1", norm(w, at + "1.norm", x))
        x = x + dense(w, at + "1.fn.fn.w2", inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))))
    return dense(w, "to_final", norm(w, "norm", norm(w, "decoder.norm", x)))[:, 0]


def attention(w: Weights, at: str, x: np.ndarray, shape) -> np.ndarray:
    """Kernel attention over all pairs, normalised to rows that sum to one."""
    queries, keys, values = (dense(w, at + name, x) for name in ("to_q", "to_k", "to_v"))
    rows, width = w[at + "fast_attention.projection_matrix"], shape["d_head"]
    parts = [slice(head * width, (head + 1) * width) for head in range(shape["n_heads"])]
    largest = max(float((keys[:, part] / width**0.25 @ rows.T).max()) for part in parts)
    mixed = np.empty_like(queries)
    for part in parts:
        kernel = features(queries[:, part], rows, None) @ features(keys[:, part], rows, largest).T
        mixed[:, part] = kernel / kernel.sum(axis=1, keepdims=True) @ values[:, part]
    return dense(w, at + "to_out", mixed)


def features(x: np.ndarray, rows: np.ndarray, largest: float | None) -> np.ndarray:
    """Positive random features of exp(q k / sqrt(width)), as published code stabilises them."""
    x = x / x.shape[1] ** 0.25
    found = np.empty((len(x), len(rows)))
    for i, vector in enumerate(x):
        along = rows @ vector
        shift = along.max() if largest is None else largest
        found[i] = (np.exp(along - vector @ vector / 2 - shift) + 1e-4) / math.sqrt(len(rows))
    return found
