"""The work of step ``domains``: one unit for each kind of domain.

1. Read the edges under the chosen rule and the domain of every feature (``graph``), of this study and of those named
   under ``with``, whose domains are numbered alike.
2. Coverage: edges with a domain at both ends, at one, at none. Nothing that follows speaks of the others.
3. Pairs of domains, and the order of two domains, beside exchanged targets (``wiring``, ``pairs``).
4. For every other study: pairs of domains that edges join in both, beside chance (``consensus``).

What a pair of domains says is what its features say: see whether edges are specific, and whether their ends are one
direction carried on by the residual stream (step ``tracking``), before a process is said to act on another.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from tasks.analyses.domains.consensus import compare
from tasks.analyses.domains.consensus_frames import consensus_pair_rows, consensus_rows, draw_rows
from tasks.analyses.domains.frames import About, coverage_rows, feature_rows, order_rows, pair_rows
from tasks.analyses.domains.graph import Graph, number_domains, read_graph, wire
from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.step import DomainsSettings, Kind
from tasks.step import Info, Inputs, Layer
from tasks.store import StepFolder, table_frame
from tasks.store.memory import require_memory

BYTES_PER_PAIR = 200  # of domains, at the peak
STEPS_READ = ("trace", "describe", "modules")
CALLED = 0.05


def sum_up_domains(settings: DomainsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Sum edges up by domain. Raises RequestError if memory is short, or what the settings ask for was not made."""
    own = read_graph(settings, {step: inputs.layers(step) for step in STEPS_READ})
    others = {name: read_graph(settings, _by_layer(steps)) for name, steps in sorted(inputs.others.items())}
    for kind in settings.kinds:
        if not out.has(kind):
            with out.unit(kind) as shard:
                for table, frame in tables_of(settings, kind, own, others).items():
                    shard.table(table, frame)
    pairs = out.read_table("domain_pair")
    return {"n_pairs": pairs.height, "n_beyond_chance": pairs.filter(pl.col("q") <= CALLED).height}


def _by_layer(steps: Mapping[str, Mapping[Layer, Path]]) -> dict[str, dict[int, Path]]:
    return {step: {layer: folder for layer, folder in steps[step].items() if layer is not None} for step in STEPS_READ}


def tables_of(
    settings: DomainsSettings, kind: Kind, own: Graph, others: Mapping[str, Graph]
) -> dict[str, pl.DataFrame]:
    """Every table of the step, for one kind of domain."""
    names = number_domains(own, *others.values(), kind=kind)
    require_memory(
        BYTES_PER_PAIR * len(names) ** 2, f"testing pairs of {len(names)} domains", "leave term out of domains.kinds"
    )
    about = About(settings.effect, own.criterion, kind, names)
    wiring = wire(own, kind, names, settings.bins)
    tests = pair_tests(wiring, settings.min_edges, settings.n_draws, [settings.seed])
    frames = {
        "feature_domain": [feature_rows(about, own)],
        "domain_coverage": [coverage_rows(about, own)],
        "domain_pair": [pair_rows(about, own, settings, tests)],
        "domain_order": [order_rows(about, settings, tests)],
        "consensus_test": [],
        "consensus_pair": [],
        "null_draw": [],
    }
    for number, (name, other) in enumerate(others.items(), start=1):
        there = wire(other, kind, names, settings.bins)
        found = compare(settings, (wiring, tests), there, number)
        frames["consensus_test"].append(consensus_rows(about, name, found))
        frames["consensus_pair"].append(consensus_pair_rows(about, name, (own, other), found))
        frames["null_draw"].append(draw_rows(about, name, found))
    return {table: pl.concat([table_frame(table, []), *parts]) for table, parts in frames.items()}
