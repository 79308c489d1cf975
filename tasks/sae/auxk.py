"""AuxK, the loss that revives dead features (Gao et al. 2024, appendix A.2).

Dead features explain what the living ones leave over. With e = x - x_hat held fixed, D the dead features and p their
pre-activations:

    z_aux = ReLU(TopK_aux(p_D)), at most d / 2 of them a position         e_hat = z_aux W_dec[D]
    L_aux = sum ||e - e_hat||^2 / sum ||e - mean e||^2                    1 when dead features explain nothing

D is small or shrinking, so its columns are multiplied densely.
"""

import torch
from torch import Tensor

from tasks.sae.select import top_k

Weights = dict[str, Tensor]


def auxk(
    weights: Weights, pre_activations: Tensor, centred: Tensor, left: Tensor, dead: Tensor
) -> tuple[Tensor, Weights]:
    """L_aux and its gradients by weight, full-sized.

    ``pre_activations`` [n, F]; ``centred`` x - b_dec [n, d]; ``left`` x - x_hat [n, d]; ``dead`` int64 [m].
    """
    directions = weights["W_dec"][dead]
    codes = dead_codes(pre_activations[:, dead], max_active=left.shape[1] // 2)
    missed = codes @ directions - left
    total = (left - left.mean(0)).square().sum()
    d_missed = missed * (2 / total)
    d_codes = (d_missed @ directions.T) * (codes > 0)
    gradients = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    gradients["W_dec"][dead] = codes.T @ d_missed
    gradients["W_enc"][:, dead] = centred.T @ d_codes
    gradients["b_enc"][dead] = d_codes.sum(0)
    gradients["b_dec"] = -weights["W_enc"][:, dead] @ d_codes.sum(0)
    return missed.square().sum() / total, gradients


def dead_codes(pre_activations: Tensor, max_active: int) -> Tensor:
    """ReLU of the largest pre-activations of a position, the others 0: [n, m] -> [n, m]."""
    positive = pre_activations.relu()
    if positive.shape[1] <= max_active:
        return positive
    values, indices = top_k(positive, max_active)
    return torch.zeros_like(positive).scatter_(1, indices, values)
