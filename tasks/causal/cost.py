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


def total_flops(
    info: ModelInfo,
    n_tokens: float,
    n_positions: float,
    n_blocks: int,
    n_features: int,
    n_read: float | None = None,
) -> float:
    """A pair after which all ``n_blocks`` blocks are recomputed, at least two if only displaced rows are read.

    The first is without the queries, keys, values and attention of the rows that were not displaced; the last is keys
    and values only, but for the ``n_read`` rows whose effects are read: the displaced ones if that is None.
    """
    n_read = n_positions if n_read is None else n_read
    row = row_flops(info, n_tokens)
    first = n_tokens * (2 * info.d_model**2 + 4 * info.d_model * info.d_ff + 8 * n_positions * info.d_model)
    read = n_read * 2 * info.d_model * n_features
    if n_blocks == 1:
        return first + n_positions * row + read
    between = (n_blocks - 2) * n_tokens * row
    last = n_tokens * 4 * info.d_model**2 + n_read * row
    return first + n_positions * row + between + last + read
