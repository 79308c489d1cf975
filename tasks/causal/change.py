"""From codes to effects: the mean change of every target feature over the rows of each displacement."""

import torch
from torch import Tensor

from tasks.causal.displacement import Places
from tasks.sae import SparseCodes


def mean_change(
    codes: SparseCodes, clean: SparseCodes, rows: Places, n_features: int, n_read: Tensor | None = None
) -> Tensor:
    """effect_j = mean over P of (b'_pj - b_pj), clean codes b and displaced codes b': float64 [b, F].

    ``codes`` are those of the R rows, ``clean`` those of the cell's S positions. Only non-zero entries are touched,
    2 k a row; they are summed in float64 in the order of rows, so that a displacement's effect depends on no other.
    ``n_read`` int64 [b], on the CPU: how many positions the mean is over, where the rows leave out some without change.
    """
    n_items = len(rows.counts)
    start = rows.item[:, None] * n_features
    before = SparseCodes(clean.values[rows.positions], clean.indices[rows.positions])
    places = torch.cat([start + codes.indices, start + before.indices], dim=1).flatten()
    entries = torch.cat([codes.values.double(), -before.values.double()], dim=1).flatten()
    change = torch.zeros(n_items * n_features, dtype=torch.float64, device=entries.device)
    change.index_put_((places,), entries, accumulate=True)
    counts = rows.counts if n_read is None else n_read
    return change.view(n_items, n_features) / counts[:, None].to(change.device)
