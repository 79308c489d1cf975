"""Panels of domains: the graph of what features are about, order of domains, and what two studies share."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.knowledge import domain_map, null_histogram, order_points
from dashboards.data import query_run
from dashboards.layout import described_table, filled, metrics
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.text import markdown

KINDS = {"term": "gene sets", "cell_type": "types of cells", "module": "labels of modules"}
CHOICE = "domain_kind"  # key in the session
CALLED = 0.05
MOST = 30  # domains on an axis of the map


def choose_kind() -> bool:
    """The box that says what domains are; none where there are no domains. Always True: panels follow."""
    known = query_run("domain_kinds").filter(pl.col("n_domains") > 0)["kind"].unique(maintain_order=True).to_list()
    if known:
        st.session_state[CHOICE] = addressed_choice("Domains are", "domains", known, lambda kind: KINDS.get(kind, kind))
    return True


def domains() -> None:
    """Coverage first, then the pairs of domains."""
    kind = st.session_state[CHOICE]
    about = query_run("domain_kinds").filter(pl.col("kind") == kind)
    first = about.row(0, named=True)
    n_edges, n_both = int(about["n_edges"].sum()), int(about["n_both"].sum())
    share = f"{n_both / n_edges:.1%}" if n_edges else "none"
    pairs = query_run("domain_pairs", kind=kind)
    found = pairs.filter(pl.col("q") <= CALLED).height
    rule = markdown(f"{first['criterion']}, {first['effect']} effects")
    metrics(
        {
            "Edges": (f"{n_edges:,}", f"Of this run ({rule})."),
            "With a domain at both ends": (share, f"{n_both:,} edges. Nothing on this page speaks of the others."),
            "Domains": (f"{first['n_domains']:,}", f"Different {KINDS.get(kind, kind)} of features."),
            "Pairs beyond chance": (f"{found:,}", "q at most 0.05, over all pairs that might have had enough edges."),
        }
    )
    if not filled(pairs, "No pair of domains has enough edges to be tested."):
        return
    one = pairs.row(0, named=True)
    text = (
        f"A point per pair of domains with enough edges: its size says how many, its colour how many times as many as "
        f"with exchanged targets; a ring marks q at most 0.05. {one['n_tests']:,} pairs were tested with "
        f"{one['n_null']:,} exchanges, so that no single pair can have a q below {one['q_least']:.2g}; p_any holds for "
        "all pairs together. The domains with most edges are shown."
    )
    show(domain_map(pairs, MOST), text)
    table = pairs.drop("n_tests", "n_null", "q_least")
    described_table(table, "All pairs with enough edges, smallest q first.", of=("domain_pair",), height=360)


def order() -> None:
    """Pairs of domains: which way most edges run, beside what exchanged targets give."""
    rows = query_run("domain_orders", kind=st.session_state[CHOICE])
    if not filled(rows, "No two domains have enough edges between them."):
        return
    found = rows.filter(pl.col("q") <= CALLED).height
    text = (
        f"A point per two domains. Across: the lead that exchanging targets gives; up: the lead there is. Sources are "
        f"chosen and targets always lie in later layers, so a lead by itself says nothing: {found} of {rows.height:,} "
        "pairs differ from the diagonal with q at most 0.05."
    )
    show(order_points(rows), text)
    described_table(rows, "Both directions of every two domains.", of=("domain_order",), height=300)


def consensus() -> None:
    """Pairs of domains that two studies share, beside both nulls."""
    kind = st.session_state[CHOICE]
    tests = query_run("consensus_tests", kind=kind)
    if not filled(tests, "No other study was compared by domains of this kind."):
        return
    others = tests["other"].unique(maintain_order=True).to_list()
    other = others[0] if len(others) == 1 else addressed_choice("Other study", "other", others)
    own = tests.filter(pl.col("other") == other)
    exchanged = own.filter(pl.col("null_kind") == "exchanged").row(0, named=True)
    st.write(
        f"Edges join **{exchanged['n_both']:,}** ordered pairs of domains both here ({exchanged['n_own']:,}) and in "
        f"*{markdown(other)}* ({exchanged['n_other']:,}). With targets exchanged in both, "
        f"{exchanged['expected']:.1f} would be shared (p = {exchanged['p']:.3g})."
    )
    draws = query_run("consensus_draws", kind=kind).filter(pl.col("other") == other)
    for place, row in zip(st.columns(len(own)), own.iter_rows(named=True), strict=True):
        drawn = draws.filter(pl.col("null_kind") == row["null_kind"])
        with place:  # both nulls may have given the same: a key tells their figures apart
            show(null_histogram(drawn["n_both"], row["n_both"]), NULLS[row["null_kind"]], key=row["null_kind"])
    counts = {"n_own": "pairs_here", "n_other": "pairs_there", "n_both": "pairs_in_both", "n_null": "draws"}
    described_table(own.rename(counts), "Both nulls.", of=("consensus_test",))
    pairs = query_run("consensus_pairs", kind=kind).filter(pl.col("other") == other).drop("other")
    described_table(pairs, "Pairs joined in both studies, smallest q first.", of=("consensus_pair",), height=300)


NULLS = {
    "exchanged": "Targets exchanged among features like them, in each study by itself: sources, how many edges they "
    "have, and how common labels are stay as they were.",
    "published": "As published: names of domains dealt anew. Which labels are sources, and how common each is, is "
    "lost, so that random wiring of the same sources looks many times enriched.",
}

DOMAINS = Panel("Domains", ("domain_coverage",), domains, also=("domain_pair", "feature_domain"))
ORDER = Panel("Order", ("domain_order",), order)
CONSENSUS = Panel("Two studies", ("consensus_test",), consensus, also=("consensus_pair",))
