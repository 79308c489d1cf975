"""Causal effects of the same pairs: this engine against the published procedure and its re-trace, at the true shape.

The model has random weights; its autoencoders fire as trained ones do. The slow side runs one pair at a time, both
cores sharing every product; this engine runs a batch of pairs of one cell, a core each. Where effects differ by
definition, further on than one layer, the direct effect is compared at the first layer only.
"""

import argparse
from typing import Any

import torch

from tests.benchmarks.machine import machine, machine_line, peak_gib
from tests.benchmarks.trace_sides import Bench, Side, build, run_ours, run_slow
from tests.builders.published_cost import original_flops, retrace_flops
from tests.builders.true_shape import PUBLISHED, SMALL

APART = 1e-4
TOTAL_GPU = 64  # pairs of the total effect on a GPU, four full batches of cells of 2,048 tokens


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--pairs", type=int, default=2, help="pairs of the slow procedures")
    parser.add_argument("--total", type=int, help="pairs of the total effect here: as many, on a GPU 64")
    parser.add_argument("--batch", type=int, default=512, help="pairs of the adjacent and the direct effect")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32", "bf16"], default="float32")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine(arguments.device)
    bench = build(PUBLISHED if arguments.shape == "true" else SMALL, arguments.device, arguments.precision)
    first, every = bench.shape.source + 1, list(bench.later)
    published = [first, (first + every[-1]) // 2, every[-1]]
    slow, ours = slow_sides(bench, arguments.pairs, published), our_sides(bench, arguments, published)
    rows = [
        row("total", ours["total"], "published original", slow["original"], published),
        row("total", ours["total"], "its re-trace", slow["retrace"], published),
        row("total, all later layers", ours["whole"], "its re-trace, all read", slow["all"], every),
        row("adjacent layer", ours["adjacent"], "re-trace that stops there", slow["stopping"], [first]),
        row("adjacent layer", ours["adjacent"], "re-trace to the last block", slow["ending"], [first]),
        row("direct, all later layers", ours["direct"], "its re-trace, all read", slow["all"], [first]),
    ]
    counts = bench.state.sites.offsets.diff().double()
    return {
        "machine": about,
        "shape": arguments.shape,
        "precision": arguments.precision,
        "firing": {"features": len(counts), "mean": float(counts.mean()), "largest": float(counts.max())},
        "pairs": {name: size(bench, side) for name, side in (slow | ours).items()},
        "rows": rows,
        "peak_gib": peak_gib(),
    }


def slow_sides(bench: Bench, n: int, published: list[int]) -> dict[str, Side]:
    info, sizes = bench.twin.adapter.info, (bench.shape.n_tokens, bench.shape.n_features)
    features, later = bench.features(n), len(bench.later)
    twin, adjacent = bench.twin_of(published), bench.twin_of(published[:1])
    return {
        "original": run_slow(twin.original, features, original_flops(info, *sizes, 3)),
        "retrace": run_slow(twin.retrace, features, retrace_flops(info, *sizes, 3, later)),
        "stopping": run_slow(adjacent.retrace, features, retrace_flops(info, *sizes, 1, 1)),
        "ending": run_slow(adjacent.retrace_to_the_end, features, retrace_flops(info, *sizes, 1, later)),
        "all": run_slow(bench.twin.retrace, features, retrace_flops(info, *sizes, later, later)),
    }


def our_sides(bench: Bench, arguments: argparse.Namespace, published: list[int]) -> dict[str, Side]:
    few, every = bench.features(arguments.pairs), list(bench.later)
    n_total = arguments.total or (TOTAL_GPU if arguments.device.startswith("cuda") else arguments.pairs)
    total, batch = bench.features_with(few, n_total), bench.features_with(few, arguments.batch)
    return {
        "total": run_ours(bench, "total", published, total),
        "whole": run_ours(bench, "total", every, total),
        "adjacent": run_ours(bench, "total", published[:1], batch),
        "direct": run_ours(bench, "direct", every, batch),
    }


def size(bench: Bench, side: Side) -> dict[str, float]:
    """How many pairs a side measured, at how many positions on average."""
    return {"n": len(side.features), "positions": bench.mean_positions(side.features)}


def row(mode: str, ours: Side, against: str, slow: Side, layers: list[int]) -> dict[str, Any]:
    """One line; ``difference`` is the largest between effects on ``layers``, ``largest`` the largest effect there.

    ``apart`` counts effects that differ by more than ``APART``: rounding that let another feature into the top k.
    """
    at = torch.searchsorted(ours.features, slow.features)
    theirs = torch.cat([slow.effects[layer] for layer in layers], dim=1)
    difference = torch.cat([ours.effects[layer][at].cpu() for layer in layers], dim=1).sub(theirs).abs()
    return {
        "mode": mode,
        "against": against,
        "layers": layers,
        "seconds": ours.seconds,
        "slow_seconds": slow.seconds,
        "ratio": slow.seconds / ours.seconds,
        "clean_seconds": ours.clean_seconds,
        "pair_gflop": ours.flops / 1e9,
        "slow_pair_gflop": slow.flops / 1e9,
        "gflops": ours.flops / ours.seconds / 1e9,
        "slow_gflops": slow.flops / slow.seconds / 1e9,
        "difference": float(difference.max()),
        "apart": int((difference > APART).sum()),
        "compared": difference.numel(),
        "largest": float(theirs.abs().max()),
    }


def table(figures: dict[str, Any]) -> str:
    firing, pairs = figures["firing"], figures["pairs"]
    active = f"{firing['features']:,} features are active in the cell, at {firing['mean']:.1f} positions on average"
    measured = ", ".join(f"{name} {each['n']} at {each['positions']:.1f}" for name, each in pairs.items())
    head = f"{'mode':<26}{'against':<27}{'s a pair':>10}{'slow':>9}{'ratio':>8}"
    head += f"{'GFLOP a pair':>14}{'slow':>10}{'GFLOP/s':>9}{'slow':>7}{'difference':>12}{'of':>9}{'apart':>16}"
    lines = [machine_line(figures), f"{active}, at most {firing['largest']:.0f}; {figures['precision']}"]
    lines += [f"pairs and their positions: {measured}", "", head]
    for each in figures["rows"]:
        lines.append(
            f"{each['mode']:<26}{each['against']:<27}{each['seconds']:>10.4g}{each['slow_seconds']:>9.3g}"
            f"{each['ratio']:>7.4g}x{each['pair_gflop']:>14.4g}{each['slow_pair_gflop']:>10.4g}{each['gflops']:>9.3g}"
            f"{each['slow_gflops']:>7.3g}{each['difference']:>12.1e}{each['largest']:>9.2g}"
            f"{each['apart']:>7} of{each['compared']:>7}"
        )
    return "\n".join([*lines, "", f"at most {figures['peak_gib']:.1f} GiB"])
