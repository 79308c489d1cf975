"""FLOPs of one pair, counted from shapes: what units of work, batches and forecasts follow from.

A multiply-add is 2 FLOPs. S tokens, P displaced positions, width d, feed-forward width f, F features of a target.
A row through a block costs 8 d^2 (projections) + 4 d f (feed-forward) + 4 S d (its attention); its codes 2 d F.
"""

from tasks.models.adapter import ModelInfo


def row_flops(info: ModelInfo, n_tokens: float) -> float:
    """One position through one block."""
    return 8 * info.d_model**2 + 4 * info.d_model * info.d_ff + 4 * n_tokens * info.d_model


def frozen_flops(info: ModelInfo, n_tokens: float, n_positions: float, n_blocks: int, n_features: int) -> float:
    """A pair whose displaced positions alone run through ``n_blocks``; ``n_features`` of all targets together."""
    return n_positions * (n_blocks * row_flops(info, n_tokens) + 2 * info.d_model * n_features)


def total_flops(info: ModelInfo, n_tokens: float, n_positions: float, n_blocks: int, n_features: int) -> float:
    """A pair after which all ``n_blocks`` >= 2 blocks are recomputed.

    The first is without the queries, keys, values and attention of the rows that were not displaced; the last is keys
    and values only, but for the displaced rows.
    """
    first = n_tokens * (2 * info.d_model**2 + 4 * info.d_model * info.d_ff + 8 * n_positions * info.d_model)
    between = (n_blocks - 2) * n_tokens * row_flops(info, n_tokens)
    last = n_tokens * 4 * info.d_model**2
    return first + between + last + frozen_flops(info, n_tokens, n_positions, 2, n_features)
