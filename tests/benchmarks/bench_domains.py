"""Edges of a whole model summed up by domain, beside exchanged targets: seconds a thousand exchanges, and memory.

The obvious way draws edge after edge in Python; it is timed on a share of the edges, and gives the same counts.
"""

import argparse
import time
from collections import Counter
from typing import Any

import numpy as np

from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.wiring import Wiring
from tests.benchmarks.machine import machine, machine_line, peak_gib

LAYERS, BINS = 18, 60  # bins of a layer
SLOW = 50  # the obvious way sees one edge of so many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--edges", type=int, default=1_000_000, help="edges with a domain at both ends")
    parser.add_argument("--domains", type=int, default=1000)
    parser.add_argument("--targets", type=int, default=2000, help="targets of a layer with a domain")
    parser.add_argument("--draws", type=int, default=1000, help="exchanges of targets")


def invented(n_edges: int, n_domains: int, n_targets: int) -> Wiring:
    """Edges between layers drawn at random, targets and domains by a power law."""
    rng = np.random.default_rng(0)
    weight = 1 / (1 + np.arange(n_domains))
    domain = rng.choice(n_domains, LAYERS * n_targets, p=weight / weight.sum())
    layer = rng.integers(1, LAYERS, n_edges)
    target = layer * n_targets + (n_targets * rng.random(n_edges) ** 2).astype(np.int64)
    source = rng.choice(n_domains, n_edges, p=weight / weight.sum())
    group = rng.integers(0, layer) * LAYERS + layer
    kinds, n = np.unique(np.stack([group, source, target]), axis=1, return_counts=True)
    _, numbered = np.unique(kinds[0], return_inverse=True)
    bins = np.repeat(np.arange(LAYERS) * BINS, n_targets) + rng.integers(0, BINS, LAYERS * n_targets)
    return Wiring(numbered, kinds[1], kinds[2], n.astype(np.float64), domain, bins, n_domains)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    wiring = invented(arguments.edges, arguments.domains, arguments.targets)
    began = time.perf_counter()
    found = pair_tests(wiring, 3, arguments.draws, [0])
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(3):
        fast = wiring.counts(wiring.domain)
    fast_draw = (time.perf_counter() - began) / 3
    part = slice(0, None, SLOW)
    began = time.perf_counter()
    counted: Counter[tuple[int, int]] = Counter()
    for source, target, n in zip(
        *(one[part].tolist() for one in (wiring.source, wiring.target, wiring.n)), strict=True
    ):
        counted[source, int(wiring.domain[target])] += n
    slow_draw = (time.perf_counter() - began) * SLOW
    sampled = Wiring(
        *(one[part] for one in (wiring.group, wiring.source, wiring.target, wiring.n)),
        wiring.domain,
        wiring.bin,
        wiring.n_domains,
    )
    same = sampled.counts(sampled.domain)
    return {
        "machine": about,
        "edges": int(wiring.n.sum()),
        "domains": arguments.domains,
        "draws": arguments.draws,
        "tests": int(found.family.sum()),
        "seconds": seconds,
        "slow_ratio": slow_draw / fast_draw,
        "counts_agree": all(same[pair] == n for pair, n in counted.items())
        and float(fast.sum()) == float(wiring.n.sum()),
        "peak_gib": peak_gib(),
    }


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['edges']:,} edges between features of {figures['domains']:,} domains",
            f"{figures['tests']:,} pairs tested with {figures['draws']:,} exchanges",
            f"{figures['seconds']:.1f} s, at most {figures['peak_gib']:.1f} GiB",
            f"edge after edge, a count takes {figures['slow_ratio']:.0f} times as long; counts agree: "
            f"{figures['counts_agree']}",
        ]
    )
