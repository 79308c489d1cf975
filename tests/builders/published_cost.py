"""FLOPs of one pair in the published procedures, counted from shapes; ours are in ``tasks.causal.cost``."""

from tasks.causal.cost import row_flops
from tasks.models.adapter import ModelInfo


def original_flops(info: ModelInfo, n_tokens: int, n_features: int, n_targets: int) -> float:
    """A whole forward pass and its vocabulary head, two decodes, all positions of every target encoded."""
    head = 2 * n_tokens * info.d_model * (info.d_model + info.vocab_size)
    return head + _blocks(info, n_tokens, info.n_layers) + _dense(info, n_tokens, n_features, n_targets)


def retrace_flops(info: ModelInfo, n_tokens: int, n_features: int, n_targets: int, n_blocks: int) -> float:
    """``n_blocks`` later blocks on all positions, two decodes, all positions of every target encoded."""
    return _blocks(info, n_tokens, n_blocks) + _dense(info, n_tokens, n_features, n_targets)


def _blocks(info: ModelInfo, n_tokens: int, n_blocks: int) -> float:
    return n_blocks * n_tokens * row_flops(info, n_tokens)


def _dense(info: ModelInfo, n_tokens: int, n_features: int, n_targets: int) -> float:
    return (2 + n_targets) * 2 * n_tokens * info.d_model * n_features
