"""A Performer: attention over many positions at a cost that grows with their number alone (arXiv:2009.14794).

The kernel of softmax attention is a mean over random features (FAVOR+, Choromanski et al. 2021). The m rows r_j of a
projection are drawn once and saved with the weights. Of a head of width w, with s = x / w^(1/4):

    phi_j(q) = (exp(r_j s - |s|^2 / 2 - max_j r_j s) + e) / sqrt(m)              of a query, e = ``EPSILON``
    phi_j(k) = (exp(r_j s - |s|^2 / 2 - max r s) + e) / sqrt(m)                  of a key, max over rows, keys and heads
    out(q)   = phi(q) sum_n phi(k_n) v_n^T / (phi(q) . sum_n phi(k_n))

The maxima keep exponentials finite, and cancel but for e. A block is pre-norm, with GELU:

    x1 = x + Attention(LayerNorm(x)),   x2 = x1 + W2 GELU(W1 LayerNorm(x1))

Parameters are named as in scFoundation's checkpoints, whose decoder this is. One cell runs at a time: a maximum over
the keys of several cells would make each depend on its companions.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import LayerNorm, Linear, Module, ModuleList
from torch.nn.functional import gelu

from tasks.models.attention import by_head, side_by_side

EPSILON = 1e-4


class PerformerShape(NamedTuple):
    """Blocks and heads of a Performer of width ``d_model``; ``n_random`` features of heads of width ``d_head``."""

    n_layers: int
    n_heads: int
    d_model: int
    d_head: int
    d_ff: int
    n_random: int


class RandomFeatures(Module):
    """Attention by random features."""

    def __init__(self, n_random: int, d_head: int) -> None:
        super().__init__()
        self.projection_matrix: Tensor
        self.register_buffer("projection_matrix", torch.empty(n_random, d_head))

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attended values [h, S, w] of queries, keys and values [h, S, w]."""
        queries, keys = self._features(query, of_keys=False), self._features(key, of_keys=True)
        context = keys.transpose(1, 2) @ value
        weight = queries @ keys.sum(1)[..., None]
        return (queries @ context) / weight

    def _features(self, x: Tensor, *, of_keys: bool) -> Tensor:
        """phi [h, S, m] of x [h, S, w]."""
        scaled = x * x.shape[-1] ** -0.25
        along = scaled @ self.projection_matrix.T
        highest = along.max() if of_keys else along.amax(-1, keepdim=True)
        exponent = along - scaled.square().sum(-1, keepdim=True) / 2 - highest
        found: Tensor = (exponent.exp() + EPSILON) * self.projection_matrix.shape[0] ** -0.5
        return found


class PerformerAttention(Module):
    """Projections around attention by random features."""

    def __init__(self, shape: PerformerShape) -> None:
        super().__init__()
        inner = shape.n_heads * shape.d_head
        self.n_heads = shape.n_heads
        self.fast_attention = RandomFeatures(shape.n_random, shape.d_head)
        self.to_q, self.to_k, self.to_v = (Linear(shape.d_model, inner) for _ in range(3))
        self.to_out = Linear(inner, shape.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """[S, d] to [S, d]."""
        query, key, value = (by_head(part(x), self.n_heads) for part in (self.to_q, self.to_k, self.to_v))
        mixed: Tensor = self.to_out(side_by_side(self.fast_attention(query, key, value)))
        return mixed


class FeedForward(Module):
    """Two dense layers with GELU between them."""

    def __init__(self, shape: PerformerShape) -> None:
        super().__init__()
        self.w1, self.w2 = Linear(shape.d_model, shape.d_ff), Linear(shape.d_ff, shape.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """[S, d] to [S, d]."""
        output: Tensor = self.w2(gelu(self.w1(x)))
        return output


class Inside(Module):
    """A part under the name ``fn``, as checkpoints have it; with ``d_model``, behind a LayerNorm."""

    def __init__(self, part: Module, d_model: int | None = None) -> None:
        super().__init__()
        self.norm = None if d_model is None else LayerNorm(d_model)
        self.fn = part

    def forward(self, x: Tensor) -> Tensor:
        """[S, d] to [S, d]."""
        output: Tensor = self.fn(x if self.norm is None else self.norm(x))
        return output


class Net(Module):
    """Blocks, each of two parts."""

    def __init__(self, shape: PerformerShape) -> None:
        super().__init__()
        d_model = shape.d_model
        self.layers = ModuleList(
            ModuleList([Inside(PerformerAttention(shape), d_model), Inside(Inside(FeedForward(shape)), d_model)])
            for _ in range(shape.n_layers)
        )


class Blocks(Module):
    """The net, under the name that checkpoints give it."""

    def __init__(self, shape: PerformerShape) -> None:
        super().__init__()
        self.net = Net(shape)


class Performer(Module):
    """Blocks, and the LayerNorm behind the last one."""

    def __init__(self, shape: PerformerShape) -> None:
        super().__init__()
        self.performer, self.norm = Blocks(shape), LayerNorm(shape.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """The states [S, d] of one cell, after all blocks and the norm: [S, d]."""
        for block in self.performer.net.layers:
            for part in block.children():
                x = x + part(x)
        output: Tensor = self.norm(x)
        return output
