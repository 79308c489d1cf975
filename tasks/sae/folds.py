"""Other ways of writing an autoencoder, brought to the one of ``sae``: the same codes, the same reconstruction.

    p = x W + b                 = (x - b_dec) W + (b + b_dec W)                                    ``centred``
    p = |w| (x W + b), z / |w|  = x (W |w|) + b |w|, with W_dec / |w|        |w| norms of W_dec    ``norms_in_encoder``
    p = exp(r) h + b_mag if h + b_gate > 0                                   h = (x - b_dec) W     ``ungated``
        = p if p > b_mag - exp(r) b_gate

A code is never negative, so a threshold below 0 is as good as 0. Sums are taken in float64.
"""

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


def centred(tensors: Tensors) -> Tensors:
    """For an encoder that reads x as it is: one that reads x - b_dec."""
    shift = tensors["b_dec"].double() @ tensors["W_enc"].double()
    return {**tensors, "b_enc": (tensors["b_enc"].double() + shift).to(tensors["b_enc"].dtype)}


def norms_in_encoder(tensors: Tensors) -> Tensors:
    """For an autoencoder whose codes are in units of the norms of W_dec: one with feature directions of norm 1."""
    norms = torch.linalg.vector_norm(tensors["W_dec"], dim=1).clamp_min(1e-8)
    encoder = {"W_enc": tensors["W_enc"] * norms, "b_enc": tensors["b_enc"] * norms}
    return {**tensors, **encoder, "W_dec": tensors["W_dec"] / norms[:, None]}


def ungated(gated: Tensors) -> Tensors:
    """For W_enc [d, F], r, b_gate and b_mag [F] of gates with magnitudes: W_enc, b_enc and threshold. Others stay."""
    grown = gated["r"].exp()
    rest = {name: tensor for name, tensor in gated.items() if name not in ("r", "b_gate", "b_mag")}
    threshold = (gated["b_mag"] - grown * gated["b_gate"]).relu()
    return {**rest, "W_enc": gated["W_enc"] * grown, "b_enc": gated["b_mag"], "threshold": threshold}


def rectified(tensors: Tensors) -> Tensors:
    """For plain ReLU codes: a threshold of 0."""
    return {**tensors, "threshold": torch.zeros_like(tensors["b_enc"])}
