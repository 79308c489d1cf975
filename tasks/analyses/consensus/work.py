"""The work of step ``consensus``: one unit for each kind of domain.

1. Read the edges and the domain of every feature, here and in the studies named under ``with`` (``domains.graph``);
   domains of all of them are numbered alike.
2. For every other study: the ordered pairs of domains that edges join in both, beside both nulls (``overlap``).
3. For every such pair: whether it is beyond chance in each.

Studies that share gene sets, gene names and cells agree for that as well. A second seed of one model is the most to
expect of two models.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tasks.analyses.consensus.frames import consensus_pair_rows, consensus_rows, draw_rows
from tasks.analyses.consensus.overlap import compare
from tasks.analyses.consensus.step import ConsensusSettings
from tasks.analyses.domains.frames import About
from tasks.analyses.domains.graph import Graph, number_domains, read_graph, require_room, wire
from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.step import Kind
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

TABLES = ("consensus_test", "consensus_pair", "null_draw")


def compare_domains(settings: ConsensusSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Compare studies by domain. Raises RequestError if memory is short, or what the settings ask for was not made."""
    own = read_graph("consensus", settings, inputs)
    others = {
        name: read_graph("consensus", settings, replace(inputs, steps=steps))
        for name, steps in sorted(inputs.others.items())
    }
    for kind in settings.kinds:
        if not out.has(kind):
            with out.unit(kind) as shard:
                for table, frame in consensus_tables(settings, kind, own, others).items():
                    shard.table(table, frame)
    tests = out.read_table("consensus_test").filter(null_kind="exchanged")
    return {"n_both": int(tests["n_both"].sum()), "n_expected": float(tests["expected"].sum())}


def consensus_tables(
    settings: ConsensusSettings, kind: Kind, own: Graph, others: Mapping[str, Graph]
) -> dict[str, pl.DataFrame]:
    """Every table of the step, for one kind of domain."""
    names = number_domains(own, *others.values(), kind=kind)
    require_room("consensus", names)
    about = About(settings.effect, own.criterion, kind, names)
    wiring = wire(own, kind, names, settings.bins)
    tests = pair_tests(wiring, settings.min_edges, settings.n_draws, [settings.seed])
    parts: dict[str, list[pl.DataFrame]] = {table: [table_frame(table, [])] for table in TABLES}
    for number, (name, other) in enumerate(others.items(), start=1):
        found = compare(settings, (wiring, tests), wire(other, kind, names, settings.bins), number)
        parts["consensus_test"].append(consensus_rows(about, name, found))
        parts["consensus_pair"].append(consensus_pair_rows(about, name, (own, other), found))
        parts["null_draw"].append(draw_rows(about, name, found))
    return {table: pl.concat(frames) for table, frames in parts.items()}
