"""The losses of all variants as their papers write them: dense, position by position, frozen parts given apart."""

import torch
from torch import Tensor

Weights = dict[str, Tensor]


def dense_codes(p: Tensor, k: int) -> Tensor:
    """The k largest entries of every row, as far as they are positive: [n, F]."""
    kept = p.topk(k, dim=1).indices
    return torch.zeros_like(p).scatter(1, kept, p.gather(1, kept).relu())


def best_of_all(p: Tensor, k: int) -> Tensor:
    """The k n largest entries of all n rows, as far as they are positive: [n, F]."""
    kept = p.flatten().topk(k * len(p)).indices
    return torch.zeros_like(p).flatten().scatter(0, kept, p.flatten()[kept].relu()).view(p.shape)


def pre(weights: Weights, x: Tensor) -> Tensor:
    return (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]


def error(weights: Weights, codes: Tensor, x: Tensor) -> Tensor:
    """Mean over positions of the squared error of the reconstruction."""
    rebuilt = codes @ weights["W_dec"] + weights["b_dec"]
    return torch.stack([(row - to).square().sum() for row, to in zip(rebuilt, x, strict=True)]).mean()


def aux_loss(weights: Weights, codes: Tensor, x: Tensor, dead: Tensor) -> Tensor:
    """What dead features leave unexplained of what the living ones leave over."""
    left = (x - codes @ weights["W_dec"] - weights["b_dec"]).detach()
    most = min(len(dead), x.shape[1] // 2)
    missed = dense_codes(pre(weights, x)[:, dead], most) @ weights["W_dec"][dead] - left
    return missed.square().sum() / (left - left.mean(0)).square().sum()


def topk_loss(weights: Weights, _: Weights, x: Tensor, k: int) -> Tensor:
    return error(weights, dense_codes(pre(weights, x), k), x) / x.shape[1]


def batchtopk_loss(weights: Weights, _: Weights, x: Tensor, k: int) -> Tensor:
    return error(weights, best_of_all(pre(weights, x), k), x) / x.shape[1]


def matryoshka_loss(weights: Weights, _: Weights, x: Tensor, k: int, ends: tuple[int, ...]) -> Tensor:
    """The mean loss of what the first features of each number reconstruct."""
    codes = best_of_all(pre(weights, x), k)
    losses = []
    for end in ends:
        first = codes.clone()
        first[:, end:] = 0
        losses.append(error(weights, first, x) / x.shape[1])
    return torch.stack(losses).mean()


def standard_loss(weights: Weights, _: Weights, x: Tensor, sparsity: float) -> Tensor:
    codes = pre(weights, x).relu()
    return (error(weights, codes, x) + sparsity * codes.abs().sum() / len(x)) / x.shape[1]


def april_loss(weights: Weights, _: Weights, x: Tensor, sparsity: float) -> Tensor:
    """Every code of every position is charged for the length of its own direction."""
    codes = pre(weights, x).relu()
    charges = [
        sum(code * direction.square().sum().sqrt() for code, direction in zip(row, weights["W_dec"], strict=True))
        for row in codes
    ]
    return (error(weights, codes, x) + sparsity * torch.stack(charges).mean()) / x.shape[1]


def p_anneal_loss(weights: Weights, _: Weights, x: Tensor, sparsity: float, p: float, s: float) -> Tensor:
    codes = pre(weights, x).relu()
    return (error(weights, codes, x) + sparsity * ((codes + s) ** p - s**p).sum() / len(x)) / x.shape[1]


def gated_loss(weights: Weights, frozen: Weights, x: Tensor, sparsity: float, p: float = 1, s: float = 0) -> Tensor:
    """``frozen`` holds W_dec and b_dec of the gate's own reconstruction; p and s are those of an annealed penalty."""
    h = (x - weights["b_dec"]) @ weights["W_enc"]
    gate = h + weights["b_gate"]
    codes = torch.where(gate > 0, (torch.exp(weights["r"]) * h + weights["b_mag"]).relu(), 0.0)
    opened = gate.relu()
    penalty = ((opened + s) ** p - s**p).sum() / len(x)
    return (error(weights, codes, x) + sparsity * penalty + error(frozen, opened, x)) / x.shape[1]


def jumprelu_slopes(weights: Weights, x: Tensor, k: int, sparsity: float, window: float) -> tuple[Tensor, Weights]:
    """Loss and gradients by straight-through estimators, entry by entry (equations 11 and 12 of the paper)."""
    n, d = x.shape
    p, theta = pre(weights, x), weights["log_threshold"].exp()
    codes = torch.where(p > theta, p, 0.0)
    rest = codes @ weights["W_dec"] + weights["b_dec"] - x
    l0 = (p > theta).to(p.dtype).sum() / n
    by_code, by_step = 2 * rest @ weights["W_dec"].T / (n * d), 2 * sparsity * (l0 / k - 1) / (k * n)
    d_p, d_theta = torch.zeros_like(p), torch.zeros_like(theta)
    for row in range(n):
        for i in range(len(theta)):
            inside = float(abs(p[row, i] - theta[i]) < window / 2)
            d_p[row, i] = by_code[row, i] if p[row, i] > theta[i] else 0.0
            d_theta[i] += -inside / window * (theta[i] * by_code[row, i] + by_step)
    slopes = {
        "W_enc": (x - weights["b_dec"]).T @ d_p,
        "b_enc": d_p.sum(0),
        "W_dec": codes.T @ rest * 2 / (n * d),
        "b_dec": 2 * rest.sum(0) / (n * d) - weights["W_enc"] @ d_p.sum(0),
        "log_threshold": d_theta * theta,
    }
    return rest.square().mean() + sparsity * (l0 / k - 1) ** 2, slopes
