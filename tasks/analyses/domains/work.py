"""The work of step ``domains``: one unit for each kind of domain.

1. Read the edges under the chosen rule and the domain of every feature (``graph``).
2. Coverage: edges with a domain at both ends, at one, at none. Nothing that follows speaks of the others.
3. Pairs of domains, and the order of two domains, beside exchanged targets (``wiring``, ``pairs``).
4. Where domains stand in the model and in the graph of domains, beside exchanged targets too (``places``).

What a pair of domains says is what its features say: see whether edges are specific, and whether their ends are one
direction carried on by the residual stream (step ``tracking``), before a process is said to act on another.
"""

import polars as pl

from tasks.analyses.domains.frames import About, coverage_rows, feature_rows, order_rows, pair_rows
from tasks.analyses.domains.graph import Graph, number_domains, read_graph, require_room, wire
from tasks.analyses.domains.pairs import pair_tests
from tasks.analyses.domains.place_frames import place_tables
from tasks.analyses.domains.step import DomainsSettings, Kind
from tasks.step import Info, Inputs
from tasks.store import StepFolder

CALLED = 0.05


def sum_up_domains(settings: DomainsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Sum edges up by domain. Raises RequestError if memory is short, or what the settings ask for was not made."""
    graph = read_graph("domains", settings, inputs)
    n_layers = int(StepFolder.open(inputs.folder("model")).read_table("model")["n_layers"][0])
    for kind in settings.kinds:
        if not out.has(kind):
            with out.unit(kind) as shard:
                for table, frame in domain_tables(settings, kind, graph, n_layers).items():
                    shard.table(table, frame)
    pairs = out.read_table("domain_pair")
    return {"n_pairs": pairs.height, "n_beyond_chance": pairs.filter(pl.col("q") <= CALLED).height}


def domain_tables(settings: DomainsSettings, kind: Kind, graph: Graph, n_layers: int) -> dict[str, pl.DataFrame]:
    """Every table of the step, for one kind of domain in a model of ``n_layers``."""
    names = number_domains(graph, kind=kind)
    require_room("domains", names)
    about = About(settings.effect, graph.criterion, kind, names)
    wiring = wire(graph, kind, names, settings.bins)
    tests = pair_tests(wiring, settings.min_edges, settings.n_draws, [settings.seed])
    return {
        "feature_domain": feature_rows(about, graph),
        "domain_coverage": coverage_rows(about, graph),
        "domain_pair": pair_rows(about, graph, settings, tests),
        "domain_order": order_rows(about, settings, tests),
        **place_tables(about, graph, settings, wiring, n_layers),
    }
