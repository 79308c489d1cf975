"""Resampling of dead features (Bricken et al. 2023, "Towards Monosemanticity", appendix on neuron resampling).

Silent features take over what is reconstructed worst. With e_n = x_n - x_hat_n of a batch of n positions:

1. one input is drawn for each silent feature, no input twice, with P(n) ~ (||e_n||^2)^2, the square of its loss
2. w = (x_n - b_dec) / ||x_n - b_dec||           the feature's row of W_dec
3. column of W_enc = 0.2 m w                     m: mean norm of the living features' columns
4. biases and the like 0, and Adam's moments of all these entries 0

At most as many features are drawn anew as there are inputs with an error. The paper draws from 819,200 inputs, which a
batch is a sample of.
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch.optim import Adam

SHARE = 0.2  # of the living features' norm, so that a new feature does not disturb what is there

Weights = dict[str, Tensor]


@torch.no_grad()
def resample(weights: Weights, x: Tensor, error: Tensor, silent: Tensor, generator: torch.Generator) -> Tensor:
    """Draw the features marked ``silent`` bool [F] anew, in place; the numbers of those that were, int64 [m].

    ``x`` [n, d] are inputs, ``error`` x_hat - x [n, d]; ``generator`` is on the CPU.
    """
    odds = error.double().square().sum(1).square().cpu()
    which = silent.nonzero().squeeze(1)[: int((odds > 0).sum())]
    if len(which) == 0:
        return which
    rows = torch.multinomial(odds, len(which), replacement=False, generator=generator).to(x.device)
    directions = normalize(x[rows] - weights["b_dec"], dim=1)
    encoder = weights["W_enc"]
    norms = encoder.norm(dim=0)
    size = norms[~silent].mean() if bool((~silent).any()) else norms.mean()
    weights["W_dec"][which] = directions
    encoder[:, which] = (SHARE * size * directions).T
    for name in weights.keys() - {"W_enc", "W_dec", "b_dec"}:
        weights[name][which] = 0
    return which


@torch.no_grad()
def forget(optimiser: Adam, weights: Weights, which: Tensor) -> None:
    """Set Adam's moments of the features ``which`` int64 [m] to 0; the count of steps goes on."""
    for name in weights.keys() - {"b_dec"}:
        state = optimiser.state[weights[name]]
        for moment in (state["exp_avg"], state["exp_avg_sq"]):
            if name == "W_enc":
                moment[:, which] = 0
            else:
                moment[which] = 0
