"""FLOPs of one pair, counted from shapes: what units of work, batches and forecasts follow from.

A multiply-add is 2 FLOPs. S tokens, P displaced positions, width d, feed-forward width f, F features of a target.
A row through a block costs 8 d^2 (projections) + 4 d f (feed-forward) + 4 S d (its attention); its codes 2 d F. A gated
feed-forward costs 6 d f, and keys and values of which h heads share g cost 4 d^2 g / h of the projections.
"""

from tasks.models.adapter import ModelInfo


def row_flops(info: ModelInfo, n_tokens: float) -> float:
    """One position through one block."""
    dense = (6 if info.gated else 4) * info.d_model * info.d_ff
    return 4 * info.d_model**2 + key_value_flops(info) + dense + 4 * n_tokens * info.d_model


def key_value_flops(info: ModelInfo) -> float:
    """Keys and values of one position in one block."""
    return 4 * info.d_model**2 * (info.n_key_heads or info.n_heads) / info.n_heads


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


def decoder_flops(
    info: ModelInfo,
    n_tokens: float,
    n_rows: float,
    n_blocks: int,
    n_features: int,
    n_read: float,
) -> float:
    """A pair of which ``n_rows`` are recomputed and ``n_read`` of them read: the last block is run for these alone."""
    row, shared = row_flops(info, n_tokens), key_value_flops(info)
    through = (n_blocks - 1) * n_rows * row + n_rows * shared + n_read * (row - shared)
    return through + n_read * 2 * info.d_model * n_features


def expected_rows(n_tokens: float, n_positions: float, to_the_end: bool) -> float:
    """Rows that a decoder recomputes on average, if P displaced positions lie anywhere among S: S (P - 1) / (P + 1).

    That is up to the last displaced one; to the end of the cell it is S P / (P + 1). Never fewer than P.
    """
    share = (n_positions if to_the_end else n_positions - 1) / (n_positions + 1)
    return max(n_positions, n_tokens * share)
