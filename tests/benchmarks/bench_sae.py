"""One training step's gradients: written out over the active columns, against dense products under autograd.

Both see the same weights and the same batch of 4,096 positions; their gradients are compared first. Times are the
best of the repeats, taken in turn, so that a busy machine slows both.
"""

import argparse
from typing import Any

import torch
from torch import Tensor

from tasks.sae.settings import SaeSettings
from tasks.sae.variants import Variant, start
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.builders.saes import random_topk

SHAPES = ((128, 512, 16), (256, 1024, 16), (1152, 4608, 32))  # d, features, k
BATCH = 4096
NONE_DEAD = torch.empty(0, dtype=torch.long)


def dense_gradients(sae: Variant, x: Tensor) -> dict[str, Tensor]:
    """Every product over all features, gradients by autograd."""
    weights = {name: weight.detach().requires_grad_() for name, weight in sae.weights.items()}
    pre = (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    values, kept = pre.topk(sae.settings.k, dim=1, sorted=False)
    codes = torch.zeros_like(pre).scatter(1, kept, values.relu())
    loss = (codes @ weights["W_dec"] + weights["b_dec"] - x).square().mean()
    return dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))


def active_gradients(sae: Variant, x: Tensor) -> dict[str, Tensor]:
    return sae.gradients(x, 1, NONE_DEAD).by_weight


def compare(d_model: int, n_features: int, k: int, repeats: int) -> tuple[float, float]:
    """Best seconds a step: dense, active columns only."""
    sae = start(random_topk(d_model, n_features, k).parameters, SaeSettings(k=k))
    x = torch.randn(BATCH, d_model, generator=torch.Generator().manual_seed(1))
    dense, active = dense_gradients(sae, x), active_gradients(sae, x)
    for name, gradient in dense.items():
        torch.testing.assert_close(active[name], gradient, rtol=1e-3, atol=1e-3 * float(gradient.abs().max()))
    times = [
        (seconds(lambda: dense_gradients(sae, x)), seconds(lambda: active_gradients(sae, x))) for _ in range(repeats)
    ]
    return min(t[0] for t in times), min(t[1] for t in times)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shapes", type=int, default=len(SHAPES), help="how many of the shapes, the smallest first")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(arguments.threads)
    rows = []
    for d_model, n_features, k in SHAPES[: arguments.shapes]:
        dense, active = compare(d_model, n_features, k, arguments.repeats)
        rows.append(
            {"d_model": d_model, "n_features": n_features, "k": k, "dense_seconds": dense, "active_seconds": active}
        )
    return {"machine": machine(), "positions": BATCH, "rows": rows}


def table(figures: dict[str, Any]) -> str:
    lines = [
        machine_line(figures),
        f"{'d':>6}{'features':>10}{'k':>4}{'dense ms':>10}{'active ms':>11}{'positions/s':>13}{'ratio':>7}",
    ]
    for row in figures["rows"]:
        dense, active = row["dense_seconds"], row["active_seconds"]
        times = (
            f"{1e3 * dense:>10.1f}{1e3 * active:>11.1f}{figures['positions'] / active:>13,.0f}{dense / active:>7.1f}"
        )
        lines.append(f"{row['d_model']:>6}{row['n_features']:>10}{row['k']:>4}{times}")
    return "\n".join(lines)
