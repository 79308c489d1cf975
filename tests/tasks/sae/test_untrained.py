"""Where training starts."""

import torch
from torch.nn.functional import normalize

from tasks.sae.untrained import initial_weights

D, F = 8, 32


def test_initial_weights_are_tied_unit_directions_around_the_mean() -> None:
    mean = torch.arange(D, dtype=torch.float32)
    weights = initial_weights(F, mean, torch.Generator().manual_seed(0))
    torch.testing.assert_close(weights["W_dec"], normalize(weights["W_dec"], dim=1))
    assert torch.equal(weights["W_enc"], weights["W_dec"].T)
    assert torch.equal(weights["b_dec"], mean)
    assert not weights["b_enc"].any()
