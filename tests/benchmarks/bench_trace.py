"""Causal effects of the same pairs: this engine against the published procedure and its re-trace, at the true shape.

The model has random weights; its autoencoders fire as trained ones do. The slow side runs one pair at a time, both
cores sharing every product; this engine runs a batch of pairs of one cell, a core each.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tasks.models.adapter import run_blocks
from tasks.models.precision import in_precision
from tasks.sae import TopKSae
from tasks.trace.cell import SourceState, source_state
from tasks.trace.cost import frozen_flops, total_flops
from tasks.trace.effects import along, trace_pairs
from tasks.trace.engines import make_engine
from tasks.trace.later import Later
from tasks.trace.settings import TraceSettings
from tasks.trace.tiles import TiledEncoder
from tasks.trace.workers import in_parallel
from tests.benchmarks.machine import machine, machine_line, peak_gib
from tests.builders.published_trace import PublishedTrace
from tests.builders.true_shape import PUBLISHED, SMALL, Shape, firing_sae, random_tokens, shaped_model


@dataclass(frozen=True)
class Bench:
    """A cell of a model, the autoencoders of source and later layers, and features by number of active positions."""

    shape: Shape
    twin: PublishedTrace
    state: SourceState
    precision: str

    @property
    def later(self) -> dict[int, TopKSae]:
        return self.twin.targets

    def features(self, n: int) -> Tensor:
        """n features, stratified by how many positions they are active in, as all the cell's features are."""
        counts = self.state.sites.offsets.diff()
        order = torch.argsort(counts, stable=True)
        middles = ((torch.arange(n) + 0.5) * len(order) / n).long()
        return self.state.sites.features[order[middles]].sort().values

    def mean_positions(self, features: Tensor) -> float:
        return float(self.state.sites.offsets.diff()[self.state.sites.among(features)].double().mean())


@torch.inference_mode()
def build(shape: Shape, device: str, precision: str) -> Bench:
    adapter = shaped_model(shape, device)
    tokens = random_tokens(adapter, shape.n_tokens)
    lengths = torch.tensor([shape.n_tokens], device=device)
    hidden = run_blocks(adapter, adapter.embed(tokens[None], lengths), 0, shape.source + 1)
    source = firing_sae(shape, shape.source, hidden[0])
    state = source_state(adapter, shape.source, TiledEncoder(source), 0, tokens)
    later = enumerate(adapter.blocks(hidden, shape.source + 1, shape.n_layers), shape.source + 1)
    saes = {layer: firing_sae(shape, layer, output[0]) for layer, output in later}
    genes = adapter.is_gene(tokens).nonzero().flatten()
    return Bench(shape, PublishedTrace(adapter, source, saes, tokens, state.hidden, genes), state, precision)


def twin_of(bench: Bench, targets: list[int]) -> PublishedTrace:
    every = bench.twin
    saes = {layer: every.targets[layer] for layer in targets}
    return PublishedTrace(every.adapter, every.source, saes, every.tokens, every.hidden, every.genes)


@torch.inference_mode()
def run_slow(one: Callable[[int], dict[int, Tensor]], features: Tensor) -> tuple[float, dict[int, Tensor]]:
    """Seconds a pair and effects [n, F] of a slow procedure; clean codes are made before the clock starts."""
    one(int(features[0]))
    start = time.perf_counter()
    found = [one(feature) for feature in features.tolist()]
    seconds = (time.perf_counter() - start) / len(features)
    return seconds, {layer: torch.stack([each[layer] for each in found]) for layer in found[0]}


def run_ours(bench: Bench, effect: str, targets: list[int], features: Tensor) -> dict[str, Any]:
    """Seconds a pair, of the clean pass, and effects [n, F]; the clean pass is shared by a cell's pairs."""
    adapter = in_precision(bench.twin.adapter, bench.precision)
    later = Later(adapter, bench.shape.source, {layer: bench.later[layer] for layer in targets})
    engine = make_engine(effect, later, TraceSettings())
    device = torch.device(adapter.device)
    start = time.perf_counter()
    cell = next(iter(in_parallel(engine.prepare, [bench.state], device)))
    clean = time.perf_counter() - start
    displace = along(bench.twin.source.W_dec.cpu(), 0.0)
    trace_pairs(engine, [cell], features[:2], displace, 0.0, lambda _: None)  # warm
    start = time.perf_counter()
    block = trace_pairs(engine, [cell], features, displace, 0.0, lambda _: None)
    return {
        "seconds": (time.perf_counter() - start) / len(features),
        "clean": clean,
        "effects": block.values,
        "flops": _flops(bench, effect, targets, bench.mean_positions(features)),
    }


def _flops(bench: Bench, effect: str, targets: list[int], n_positions: float) -> float:
    n_blocks = max(targets) - bench.shape.source
    count = frozen_flops if effect == "direct" or n_blocks == 1 else total_flops
    info, n_features = bench.twin.adapter.info, len(targets) * bench.shape.n_features
    return count(info, bench.shape.n_tokens, n_positions, n_blocks, n_features)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--pairs", type=int, default=2, help="pairs of the slow procedures and of the total effect")
    parser.add_argument("--batch", type=int, default=512, help="pairs of the adjacent and of the direct effect")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32", "bf16"], default="float32")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine(arguments.device)
    bench = build(PUBLISHED if arguments.shape == "true" else SMALL, arguments.device, arguments.precision)
    few, many = bench.features(arguments.pairs), bench.features(arguments.batch)
    many = torch.unique(torch.cat([few, many]))
    first, every = bench.shape.source + 1, list(bench.later)
    published = [first, (first + every[-1]) // 2, every[-1]]
    counts = bench.state.sites.offsets.diff().double()
    firing = {"features": len(counts), "mean": float(counts.mean()), "largest": float(counts.max())}
    original = run_slow(twin_of(bench, published).original, few)
    retrace = run_slow(twin_of(bench, published).retrace, few)
    stopping = run_slow(twin_of(bench, [first]).retrace, few)
    ending = run_slow(twin_of(bench, [first]).retrace_to_the_end, few)
    all_read = run_slow(bench.twin.retrace, few)
    total = run_ours(bench, "total", published, few)
    adjacent = run_ours(bench, "total", [first], many)
    direct = run_ours(bench, "direct", every, many[:: max(1, len(many) // 128)])
    whole = run_ours(bench, "total", every, few)
    at = torch.searchsorted(many, few)
    rows = [
        row("total", "published original", total, original, total["effects"]),
        row("total", "its re-trace", total, retrace, total["effects"]),
        row("total, all later layers", "its re-trace, all read", whole, all_read, whole["effects"]),
        row("adjacent layer", "re-trace that stops there", adjacent, stopping, pick(adjacent, at)),
        row("adjacent layer", "its re-trace as published", adjacent, ending, pick(adjacent, at)),
        row("direct, all later layers", "its re-trace, all read", direct, all_read, {}),
    ]
    positions = {"few": bench.mean_positions(few), "many": bench.mean_positions(many)}
    return {
        "machine": about,
        "shape": arguments.shape,
        "precision": arguments.precision,
        "firing": firing,
        "positions": positions,
        "rows": rows,
        "peak_gib": peak_gib(),
    }


def pick(ours: dict[str, Any], at: Tensor) -> dict[int, Tensor]:
    return {layer: values[at] for layer, values in ours["effects"].items()}


def row(
    mode: str, against: str, ours: dict[str, Any], slow: tuple[float, dict[int, Tensor]], effects: dict[int, Tensor]
) -> dict[str, Any]:
    """One line; ``difference`` is the largest of effects, None where they differ by definition."""
    pairs = [(effects[layer].cpu(), slow[1][layer].cpu()) for layer in effects]
    return {
        "mode": mode,
        "against": against,
        "seconds": ours["seconds"],
        "slow_seconds": slow[0],
        "ratio": slow[0] / ours["seconds"],
        "clean_seconds": ours["clean"],
        "gflops": ours["flops"] / ours["seconds"] / 1e9,
        "pair_gflop": ours["flops"] / 1e9,
        "difference": max((float((a - b).abs().max()) for a, b in pairs), default=None),
        "largest": max((float(b.abs().max()) for _, b in pairs), default=None),
    }


def table(figures: dict[str, Any]) -> str:
    firing, positions = figures["firing"], figures["positions"]
    head = [
        f"{firing['features']:,} features active in the cell, at {firing['mean']:.1f} positions (most "
        f"{firing['largest']:.0f})",
        f"pairs measured: {positions['few']:.1f} positions (few) and {positions['many']:.1f} (many)",
        figures["precision"],
    ]
    lines = [machine_line(figures), "; ".join(head), ""]
    lines.append(f"{'mode':<26}{'against':<28}{'s a pair':>11}{'slow':>9}{'ratio':>9}{'GFLOP/s':>9}{'difference':>13}")
    for each in figures["rows"]:
        difference = "-" if each["difference"] is None else f"{each['difference']:.1e}"
        lines.append(
            f"{each['mode']:<26}{each['against']:<28}{each['seconds']:>11.4g}{each['slow_seconds']:>9.3g}"
            f"{each['ratio']:>8.3g}x{each['gflops']:>9.3g}{difference:>13}"
        )
    return "\n".join([*lines, "", f"at most {figures['peak_gib']:.1f} GiB"])
