"""Matryoshka BatchTopK (Bussmann, Nabeshima, Karvonen and Nanda 2025, arXiv:2503.17547).

As BatchTopK, with features in G groups. The first group alone, the first two, … and all of them have to reconstruct:
general features come to stand in the first groups, special ones in the later ones.

    x_hat_g = z W_dec + b_dec over the features of groups 1 to g alone
    L       = 1/G sum over g of E ||x - x_hat_g||^2 / d + a L_aux

L_aux is of the whole reconstruction. The derivative by a feature's part of the reconstruction is the sum of the
derivatives by all reconstructions that the feature takes part in.
"""

import torch
from torch import Tensor

from tasks.sae.codes import SparseCodes, combine
from tasks.sae.variants.batchtopk import BatchTopK
from tasks.sae.variants.products import through_codes
from tasks.sae.variants.variant import Gradients

GROUPS = (1 / 32, 1 / 32, 1 / 16, 7 / 8)  # shares of the features, as published


class Matryoshka(BatchTopK):
    """BatchTopK whose first features have to do alone as well."""

    def reconstruct(self, codes: SparseCodes, centred: Tensor) -> Gradients:
        """The mean loss of all reconstructions."""
        parts = by_group(codes, group_ends(len(self.weights["W_dec"])))
        errors = combine(parts, self.weights["W_dec"]).view(len(GROUPS), *centred.shape).cumsum(0) - centred
        d_errors = errors * (2 / errors.numel())
        d_parts = d_errors.flip(0).cumsum(0).flip(0)
        by_weight = through_codes(self.weights, parts, centred.repeat(len(GROUPS), 1), d_parts.flatten(0, 1))
        # b_dec is in every reconstruction, but in each group's derivative as often as there are groups behind it
        by_weight["b_dec"] += d_errors.sum((0, 1)) - d_parts.sum((0, 1))
        fires = parts.fire_counts(len(self.weights["W_dec"]))
        return Gradients(errors.square().mean(), fires, errors[-1], by_weight)


def group_ends(n_features: int) -> list[int]:
    """Where each group of features ends: at least one feature a group, the remainder in the last."""
    sizes = [max(int(share * n_features), 1) for share in GROUPS[:-1]]
    return [sum(sizes[: number + 1]) for number in range(len(sizes))] + [n_features]


def by_group(codes: SparseCodes, ends: list[int]) -> SparseCodes:
    """The codes of the first group at all n positions, then those of the second, …: [n G, F] of codes [n, F]."""
    group = torch.bucketize(codes.indices, torch.tensor(ends, device=codes.indices.device), right=True)
    values = torch.cat([codes.values * (group == number) for number in range(len(ends))])
    return SparseCodes(values, codes.indices.repeat(len(ends), 1))
