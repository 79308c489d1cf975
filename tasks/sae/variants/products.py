"""The gradients of a reconstruction, written out: only active columns are needed once the codes are known.

With the error r = x_hat - x, its derivative R = 2 r / (n d), and G the derivative by p, zero but at active features:

    G     = (R W_dec^T) at active features           dL/dW_dec = z^T R
    dL/dW_enc = (x - b_dec)^T G                      dL/db_enc = sum of G over positions
    dL/db_dec = sum of R over positions - W_enc dL/db_enc
"""

from torch import Tensor

from tasks.sae.codes import ByFeature, SparseCodes, combine, project
from tasks.sae.variants.variant import Gradients, Weights


def reconstruction(weights: Weights, codes: SparseCodes, centred: Tensor) -> Gradients:
    """L = E ||x - x_hat||^2 / d of x = ``centred`` + b_dec [n, d], and its gradients."""
    error = combine(codes, weights["W_dec"]) - centred
    by_weight = through_codes(weights, codes, centred, error * (2 / error.numel()))
    return Gradients(error.square().mean(), codes.fire_counts(len(weights["W_dec"])), error, by_weight)


def through_codes(weights: Weights, codes: SparseCodes, centred: Tensor, d_error: Tensor) -> Weights:
    """Gradients by weight of a loss whose derivative by the reconstruction is ``d_error`` [n, d]."""
    by_feature = ByFeature.of(codes, len(weights["W_dec"]))
    d_values = project(codes, d_error, weights["W_dec"])
    d_b_enc = by_feature.total(d_values)
    return {
        "W_enc": by_feature.accumulate(d_values, centred).T,
        "b_enc": d_b_enc,
        "W_dec": by_feature.accumulate(codes.entries.values, d_error),
        "b_dec": d_error.sum(0) - weights["W_enc"] @ d_b_enc,
    }
