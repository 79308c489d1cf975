"""TopK training steps: ours beside dictionary_learning's and SAELens's, and beside dense products under autograd.

1. All sides train on the same batches from the same weights, in turn, so that a busy machine slows them alike; the last
   batches of activations, made of planted sparse codes, were never trained on and say how good each has become.
2. Gradients over active columns alone are compared with dense ones, in value and in time.
"""

import argparse
from statistics import median
from typing import Any

import torch
from torch import Tensor

from tasks.sae.settings import SaeSettings
from tasks.sae.variants import Variant, start
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.benchmarks.sae_sides import PACKAGES, known_sides, step_gflop
from tests.builders.planted_positions import planted_positions
from tests.builders.saes import random_topk

SHAPES = ((128, 512, 16), (256, 1024, 16), (1152, 4608, 32))  # d, features, k
BATCH = 4096
POOL = 8  # batches that training goes through again and again
NONE_DEAD = torch.empty(0, dtype=torch.long)


def side_by_side(shape: tuple[int, int, int], steps: int, lr: float, device: str) -> dict[str, Any]:
    """Median seconds a step of every side, and the share of held-out variance it leaves unexplained at the end."""
    d_model, n_features, k = shape
    x, heldout = (part.to(device) for part in planted_batches(d_model, n_features, k))
    first = random_topk(d_model, n_features, k)
    nothing = {"b_enc": torch.zeros(n_features), "b_dec": torch.zeros(d_model)}
    parameters = {name: weight.to(device) for name, weight in {**first.parameters, **nothing}.items()}
    first = first.with_tensors(parameters, k)
    sides = {name: side(first, lr, steps, BATCH) for name, side in known_sides().items()}
    times: dict[str, list[float]] = {name: [] for name in sides}
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(2)).to(device)
    for step in range(steps):
        batch = x[order.view(POOL, BATCH)[step % POOL]]
        for name, side in sides.items():
            times[name].append(seconds(lambda side=side, batch=batch: side.step(batch), device))
    spread = (heldout - heldout.mean(0)).square().sum()
    gflop = step_gflop(d_model, n_features, k, BATCH)
    return {
        name: {
            "seconds": median(times[name]),
            "gflop": gflop[name],
            "fvu": float((side.rebuild(heldout) - heldout).square().sum() / spread),
        }
        for name, side in sides.items()
    }


def planted_batches(d_model: int, n_features: int, k: int) -> tuple[Tensor, Tensor]:
    """Centred activations with E||x||^2 = d: [POOL * BATCH, d] to train on, and a batch that is held out.

    k / 2 of F / 8 planted features are active at a position; about a tenth of the variance is noise.
    """
    active, rows = k // 2, {"n_train": POOL * BATCH, "n_heldout": BATCH}
    noise = (0.1 * active / d_model) ** 0.5
    positions, _ = planted_positions(d_model=d_model, n_features=n_features // 8, active=active, noise=noise, **rows)
    mean = positions.mean(positions.train)
    x, heldout = positions.rows(positions.train) - mean, positions.rows(positions.heldout) - mean
    scale = (d_model / x.square().sum(1).mean()).sqrt()
    return x * scale, heldout * scale


def dense_gradients(sae: Variant, x: Tensor) -> dict[str, Tensor]:
    """Every product over all features, gradients by autograd."""
    weights = {name: weight.detach().requires_grad_() for name, weight in sae.weights.items()}
    pre = (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    values, kept = pre.topk(sae.settings.k, dim=1, sorted=False)
    codes = torch.zeros_like(pre).scatter(1, kept, values.relu())
    loss = (codes @ weights["W_dec"] + weights["b_dec"] - x).square().mean()
    return dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))


def active_gradients(sae: Variant, x: Tensor) -> dict[str, Tensor]:
    return sae.gradients(x, 1, NONE_DEAD.to(x.device)).by_weight


def compare(shape: tuple[int, int, int], repeats: int, device: str) -> dict[str, Any]:
    """Best seconds of the gradients of a batch: dense, active columns only."""
    d_model, n_features, k = shape
    parameters = random_topk(d_model, n_features, k).parameters
    sae = start({name: weight.to(device) for name, weight in parameters.items()}, SaeSettings(k=k))
    x = torch.randn(BATCH, d_model, generator=torch.Generator().manual_seed(1)).to(device)
    dense, active = dense_gradients(sae, x), active_gradients(sae, x)
    for name, gradient in dense.items():
        torch.testing.assert_close(active[name], gradient, rtol=1e-3, atol=1e-3 * float(gradient.abs().max()))
    times = [
        (seconds(lambda: dense_gradients(sae, x), device), seconds(lambda: active_gradients(sae, x), device))
        for _ in range(repeats)
    ]
    best = {"dense_seconds": min(t[0] for t in times), "active_seconds": min(t[1] for t in times)}
    return {"d_model": d_model, "n_features": n_features, "k": k, **best}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shapes", type=int, default=len(SHAPES), help="how many of the shapes, the smallest first")
    parser.add_argument("--steps", type=int, default=48, help="optimiser steps of the largest of them, side by side")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--device", default="cpu")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(arguments.threads)
    shapes = SHAPES[: arguments.shapes]
    return {
        "machine": machine(arguments.device),
        "positions": BATCH,
        "shape": dict(zip(("d_model", "n_features", "k"), shapes[-1], strict=True)),
        "steps": arguments.steps,
        "lr": arguments.lr,
        "sides": side_by_side(shapes[-1], arguments.steps, arguments.lr, arguments.device),
        "rows": [compare(shape, arguments.repeats, arguments.device) for shape in shapes],
    }


def table(figures: dict[str, Any]) -> str:
    return "\n".join([machine_line(figures), *_side_lines(figures), "", *_gradient_lines(figures)])


def _side_lines(figures: dict[str, Any]) -> list[str]:
    shape, sides, n = figures["shape"], figures["sides"], figures["positions"]
    lines = [
        f"{figures['steps']} steps of {n:,} positions, d {shape['d_model']}, {shape['n_features']} features, "
        f"k {shape['k']}, lr {figures['lr']:g}",
        f"{'':<21}{'ms/step':>9}{'samples/s':>11}{'GFLOP':>8}{'GFLOP/s':>9}{'fvu':>9}{'slower':>8}",
    ]
    for name, side in sides.items():
        took, ratio = side["seconds"], side["seconds"] / sides["ours"]["seconds"]
        rates = f"{n / took:>11,.0f}{side['gflop']:>8.1f}{side['gflop'] / took:>9.0f}{side['fvu']:>9.4f}{ratio:>8.2f}"
        lines.append(f"{name:<21}{1e3 * took:>9.0f}{rates}")
    missing = [name for name in PACKAGES if name not in sides]
    hint = "make peers, then .venv/peers/bin/python -m flows.cli.main bench sae"
    return [*lines, f"not installed: {', '.join(missing)}: {hint}"] if missing else lines


def _gradient_lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{'d':>6}{'features':>10}{'k':>4}{'dense ms':>10}{'active ms':>11}{'positions/s':>13}{'ratio':>7}"]
    for row in figures["rows"]:
        dense, active = row["dense_seconds"], row["active_seconds"]
        rate = figures["positions"] / active
        times = f"{1e3 * dense:>10.1f}{1e3 * active:>11.1f}{rate:>13,.0f}{dense / active:>7.1f}"
        lines.append(f"{row['d_model']:>6}{row['n_features']:>10}{row['k']:>4}{times}")
    return lines
