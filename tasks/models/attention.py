"""Whole blocks: the two parts of a block with fused attention between them."""

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from tasks.models.adapter import Block


def key_mask(lengths: Tensor, width: int) -> Tensor:
    """Which keys may be attended to: bool [B, 1, 1, S], True before each cell's length."""
    places = torch.arange(width, device=lengths.device)
    return (places < lengths[:, None])[:, None, None, :]


def run_block(block: Block, hidden: Tensor, mask: Tensor | None) -> Tensor:
    """Run one block on whole cells: [B, S, d] to [B, S, d].

    A decoder needs no mask of padding: it stands behind all tokens, and none of them sees it.
    """
    query = by_head(block.query(hidden), block.n_heads)
    key, value = (by_head(part, block.n_heads) for part in block.key_value(hidden))
    if block.order is None:
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    else:
        positions = torch.arange(hidden.shape[-2], device=hidden.device)
        query, key = (block.order.turned(part, positions) for part in (query, key))
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)
    return block.finish(hidden, side_by_side(mixed))


def by_head(x: Tensor, n_heads: int) -> Tensor:
    """Split rows into heads: [..., S, d] to [..., h, S, d/h], a view."""
    return x.view(*x.shape[:-1], n_heads, -1).transpose(-2, -3)


def side_by_side(x: Tensor) -> Tensor:
    """Join heads into rows: [..., h, S, d/h] to [..., S, d]."""
    return x.transpose(-2, -3).flatten(-2)
