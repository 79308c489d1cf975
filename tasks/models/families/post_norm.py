"""The post-norm block of PyTorch's ``TransformerEncoderLayer``, in the two parts that attention lies between.

    x1 = LayerNorm(x + Attention(x)),   x2 = LayerNorm(x1 + W2 ReLU(W1 x1)),   epsilon 1e-5

Parameters are named as PyTorch names them, so that published weights load as they are. PyTorch's own container is not
used: with padding in inference it turns a batch into a nested tensor.
"""

import torch
from torch import Tensor
from torch.nn import LayerNorm, Linear, Module, Parameter
from torch.nn.functional import linear, relu

from tasks.models.order import Order


class SelfAttention(Module):
    """Queries, keys and values in one projection [3d, d], in this order, and the projection of what attention gives."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.in_proj_weight = Parameter(torch.empty(3 * d_model, d_model))
        self.in_proj_bias = Parameter(torch.empty(3 * d_model))
        self.out_proj = Linear(d_model, d_model)


class PostNormBlock(Module):
    """One block of width ``d_model`` as a ``Block``."""

    order: Order | None = None

    def __init__(self, d_model: int, n_heads: int, d_ff: int) -> None:
        super().__init__()
        self.n_heads, self.d_model = n_heads, d_model
        self.self_attn = SelfAttention(d_model)
        self.linear1, self.linear2 = Linear(d_model, d_ff), Linear(d_ff, d_model)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., d]."""
        weight, bias = self.self_attn.in_proj_weight, self.self_attn.in_proj_bias
        return linear(hidden, weight[: self.d_model], bias[: self.d_model])

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each [..., d]."""
        weight, bias = self.self_attn.in_proj_weight, self.self_attn.in_proj_bias
        key, value = linear(hidden, weight[self.d_model :], bias[self.d_model :]).chunk(2, -1)
        return key, value

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """Output projection and feed-forward, each followed by its residual sum and LayerNorm."""
        middle = self.norm1(hidden + self.self_attn.out_proj(mixed))
        output: Tensor = self.norm2(middle + self.linear2(relu(self.linear1(middle))))
        return output
