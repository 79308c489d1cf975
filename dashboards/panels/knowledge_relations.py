"""Panels of domains: all terms of a feature, pairs that no reference links, and where domains stand in the model."""

import polars as pl
import streamlit as st

from dashboards.charts.knowledge import beside_chance
from dashboards.data import query_run
from dashboards.layout import described_table, filled, metrics
from dashboards.panel import Panel
from dashboards.panels.knowledge import CALLED, CHOICE
from dashboards.style import show

N_ROWS = 300
RULES = {"default": "Beyond chance and not known to be linked", "published": "By the published rule"}
LOOPS = {
    "reciprocal_pairs": "Pairs of domains joined both ways",
    "largest_component": "Domains in the largest circle",
}
LEVEL = "Level 3 of 4, consistent with intervention: the model's targets change when its sources are taken out."


def all_terms() -> None:
    """Pairs of terms with every significant term of a feature counted."""
    about = query_run("domain_kinds")
    first = about.row(0, named=True)
    asked = {"criterion": first["criterion"], "effect": first["effect"], "n_rows": N_ROWS}
    rows = query_run("weighted_pairs", **asked)
    if not filled(rows, "No edge joins two features with a significant term each."):
        return
    titles = ("Edges expected from the terms at either end", "Edges, by weights")
    show(
        beside_chance(rows, ("expected", "n_edges"), None, ["source_domain", "target_domain"], titles),
        "A point per pair of terms, the most joined ones. No test stands behind it.",
    )
    described_table(
        rows,
        "Every significant term of a feature counts, by weights that sum to one for each end, so that each edge counts "
        "once in all. Expected is what the terms at either end give by themselves, layer by layer; it is not a test. "
        f"{LEVEL}",
        height=360,
    )


def novel() -> None:
    """The share of edges without a known link beside chance, then the pairs."""
    kind = st.session_state.get(CHOICE)
    shares = query_run("novel_shares", kind=kind)
    if not filled(shares, "Links are told of gene sets: domains of this kind have no genes."):
        return
    own = shares.row(0, named=True)
    metrics(
        {
            "Novel pairs": (f"{own['n_novel_pairs']:,}", f"Of {own['n_pairs']:,} that edges join."),
            "Edges without a known link": (_percent(own["share"]), f"Of {own['n_edges']:,} between different domains."),
            "With exchanged targets": (_percent(own["expected_share"]), "Mean over exchanges of targets."),
            "p": (_short(own["p"]), "Two-sided: is the share another than that of exchanged targets?"),
        }
    )
    described_table(
        shares,
        "Most pairs of domains are linked by nothing, so most edges have no known link whatever they are. The "
        "published rule calls a pair known if its sets share three genes, however large they are.",
        of=("novel_share",),
    )
    pairs = query_run("novel_pairs", kind=kind, n_rows=N_ROWS)
    for rule, words in RULES.items():
        found = pairs.filter(pl.col("rule") == rule).drop("rule")
        if found.is_empty():
            st.caption(f"{words}: no pair.")
        else:
            described_table(found, f"{words}.", of=("novel_pair",), height=260)
    links = query_run("domain_links", kind=kind, n_rows=N_ROWS)
    named = links.rename({"n_joined": "edges_between", "n_first": "genes_first", "n_second": "genes_second"})
    told = "What links domains besides edges of the model: known ones first. Level 1 of 4: an association."
    described_table(named, told, of=("domain_link",), height=260)
    st.caption(f"{LEVEL} That no reference links two domains does not make their pair a discovery.")


def places() -> None:
    """Depth, PageRank and circles of domains."""
    kind = st.session_state.get(CHOICE)
    depths = query_run("domain_layers", kind=kind)
    if not filled(depths, "No domain has enough edges."):
        return
    targets = depths.filter(pl.col("role") == "target")
    deeper = depths.filter(pl.col("q") <= CALLED).height
    tested = targets.height
    titles = ("Depth expected by chance", "Mean depth of the targets")
    show(
        beside_chance(targets, ("expected_depth", "mean_depth"), "q", ["domain"], titles),
        "A point per domain: where in the model its features are as targets, from 0 to 1, beside exchanged targets.",
    )
    described_table(
        depths,
        f"{deeper} of {tested} domains stand deeper or less deep as targets than exchanged targets do (q at most "
        "0.05). Sources are chosen by the study: where they stand is not tested.",
        of=("domain_layer",),
        height=300,
    )
    described_table(
        query_run("domain_ranks", kind=kind),
        "PageRank of the graph of domains, weighed by edges, beside exchanged targets.",
        of=("domain_centrality",),
        height=300,
    )
    loops = query_run("domain_loops", kind=kind)
    named = loops.with_columns(pl.col("statistic").replace_strict(LOOPS, default=pl.col("statistic")))
    described_table(
        named,
        "Circles among domains. Nothing is fed back in the model: a label that features of several layers bear is "
        "joined both ways for that alone.",
        of=("domain_loop",),
    )
    st.caption(f"{LEVEL} No order of processes in a cell follows from layers of a model.")


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _short(p: float | None) -> str:
    return "none" if p is None else f"{p:.2g}"


ALL_TERMS = Panel("All terms", ("domain_coverage",), all_terms, also=("annotation",))
NOVEL = Panel("Known and novel", ("novel_share",), novel, also=("novel_pair", "domain_link"))
PLACES = Panel("Places", ("domain_loop",), places, also=("domain_layer", "domain_centrality", "domain_scc"))
