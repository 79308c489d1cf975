"""Panels of what follows from edges: terms that their ends share, tails of degrees, annotation of hubs."""

import math

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.edges import coherence_points, decile_points, tail_curves
from dashboards.circuit_choice import chosen_circuits
from dashboards.data import query_run
from dashboards.layout import described_table, filled, two_figures
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

VERDICTS = {
    "power_law": "a power law fits, and a lognormal could have been told from it",
    "not_power_law": "no power law",
    "cannot_tell": "too few features far out to tell",
}
KINDS = {"degree": "Edges of a feature, as they are", "adjusted": "Freed of frequency and number of positions"}
LEVEL = 0.05  # of q
NONE_HERE = "Nothing was computed for this source layer: choose another above."


def coherence() -> None:
    """Edges whose ends share a term, beside what chance gives of them."""
    rows = query_run("coherence", source_sae=chosen_circuits().source_sae)
    if not filled(rows, NONE_HERE):
        return
    layer = _one_layer(rows, "source_layer", "coherence_layer")
    own = rows.filter(pl.col("source_layer") == layer)
    matched = own.filter(pl.col("rule") == "matched")
    if not matched["share"].count():
        st.info("No edge joins two annotated features, so there is nothing to share.")
        return
    n_pairs, n_edges = int(matched["n_pairs"].sum()), int(matched["n_edges"].sum())
    text = (
        f"Of {n_edges:,} edges ({_which(own)}), {n_pairs:,} join two annotated features. Bars reach two standard "
        "deviations each way. Features with many terms share one with nearly anything: only targets alike in frequency "
        "and number of terms tell what an edge adds. Shuffling terms, as published, makes chance too small."
    )
    show(coherence_points(own), text)
    columns = ("target_layer", "rule", "n_with_terms", "n_shared", "share", "null_mean", "fold", "p", "q", "n_bins")
    shown = own.rename({"n_pairs": "n_with_terms"}).select(columns)
    described_table(shown, "All nulls, by target layer.", of=("coherence",), height=300)
    if line := too_few_draws(matched, "coherence.n_draws"):
        st.warning(line)
    shared_terms(str(own["criterion"][0]), str(own["effect"][0]), layer)


def too_few_draws(tested: pl.DataFrame, setting: str) -> str:
    """What draws cannot tell of tests (p, q, n_null) that are corrected together; empty where they suffice.

    No q is 0.05 or less unless ``needed`` tests have the smallest p that the draws can give.
    """
    known = tested.drop_nulls("p")
    if known.is_empty() or (known["q"] <= LEVEL).any():
        return ""
    smallest = 1 / (1 + min(known["n_null"].to_list()))
    needed, reached = math.ceil(known.height * smallest / LEVEL - 1e-9), int((known["p"] <= smallest * 1.000001).sum())
    if needed <= max(reached, 1):
        return ""
    return (
        f"With so few draws no q can be {LEVEL} or less unless {needed} of {known.height} tests have the smallest p, "
        f"{smallest:.2g}; {reached} have it. Raise {setting} before you take this for a negative answer."
    )


def shared_terms(criterion: str, effect: str, layer: int) -> None:
    """Edges whose ends share a term, strongest first, with the terms."""
    rows = query_run("shared_terms", source_sae=None, criterion=criterion, effect=effect, n_rows=200)
    rows = rows.filter(pl.col("source_layer") == layer)
    if rows.is_empty():
        return
    named = rows.with_columns(
        source=pl.format("L{}_F{}", "source_layer", "source_feature"),
        target=pl.format("L{}_F{}", "target_layer", "target_feature"),
    )
    columns = (
        "source",
        "source_genes",
        "target",
        "target_genes",
        "g",
        "q",
        "shared_terms",
        "n_source_terms",
        "n_target_terms",
    )
    caption = (
        f"Edges whose ends share a significant term, the strongest of {rows['n_matching'][0]:,}. Features with many "
        "terms share one with nearly anything: the figure above says how much of that is chance."
    )
    described_table(named.select(columns), caption, height=300)


def tails() -> None:
    """The tail of the degrees with fitted laws, as it is and freed of frequency."""
    fits = query_run("tails", source_sae=chosen_circuits().source_sae)
    if not filled(fits, NONE_HERE):
        return
    sae_id = _one_sae(fits, "tail_sae")
    own = fits.filter(pl.col("sae_id") == sae_id)
    curves = query_run("tail_curves", sae_id=sae_id)
    figures = []
    for what, title in KINDS.items():
        part, verdict = (
            curves.filter(pl.col("what") == what),
            own.filter((pl.col("what") == what) & (pl.col("rule") == "exact")),
        )
        if not part.is_empty() and not verdict.is_empty():
            words = VERDICTS[verdict["verdict"][0]]
            figures.append((tail_curves(part), f"{title} ({_which(own)}): {words}."))
    if figures:
        two_figures(*figures)
    columns = (
        "what", "rule", "n_features", "x_min", "n_tail", "alpha", "alpha_low", "alpha_high", "gof_p", "curvature_p",
        "power", "verdict",
    )  # fmt: skip
    caption = "A power law is one if no test rejects it and the tail is long enough to tell: power of 0.95 or more."
    described_table(own.select(columns), caption, of=("tail_fit",), height=180)
    others = query_run("tail_alternatives", sae_id=sae_id)
    if not others.is_empty():
        text = "Other laws for the same tail. Vuong: above 0, the power law is nearer to the data."
        described_table(others, text, of=("tail_alternative",), height=300)


def annotated_hubs() -> None:
    """Annotation of features with many edges, as it is and given how often they fire."""
    tests = query_run("hub_tests", source_sae=chosen_circuits().source_sae)
    if not filled(tests, NONE_HERE):
        return
    sae_id = _one_sae(tests, "hub_sae")
    own = tests.filter(pl.col("sae_id") == sae_id)
    left, right = st.columns(2)
    with left:
        text = "Tenths of the sources by edges. Where both lines agree, firing frequency explains who is annotated."
        show(decile_points(query_run("hub_deciles", sae_id=sae_id)), f"{text} {_which(own).capitalize()}.")
    with right:
        columns = ("test", "k", "observed", "expected", "p", "q", "odds_ratio", "statistic")
        caption = (
            "k: features with most edges; 0: all features. Hubs fire often, and features that fire often are annotated "
            "otherwise than others. matched, residual and those with given know of frequency: they are about edges."
        )
        described_table(own.select(columns), caption, of=("enrichment_test",), height=380)
    hubs = query_run("residual_hubs", sae_id=sae_id).with_columns(page=feature_address())
    listed = ("page", "degree", "frequency", "residual", "annotated", "top_genes", "label")
    st.caption("Features with most edges for how often they fire:")
    show_table(hubs.select(listed), {"page": link_column("feature")}, of=("residual_hub", "feature"), height=300)


def _which(rows: pl.DataFrame) -> str:
    return markdown(f"{rows['criterion'][0]} rule, {rows['effect'][0]} effects")


def _one_layer(rows: pl.DataFrame, column: str, key: str) -> int:
    layers = rows[column].unique().sort().to_list()
    if len(layers) == 1:
        return int(layers[0])
    return int(addressed_choice("Source layer shown", key, layers, key=key))


def _one_sae(rows: pl.DataFrame, key: str) -> str:
    names = {
        row[1]: f"Layer {row[0]} · {row[1]}" for row in rows.select("layer", "sae_id").unique().sort("layer").rows()
    }
    if len(names) == 1:
        return str(next(iter(names)))
    return str(addressed_choice("Source layer shown", key, list(names), names.__getitem__, key=key))


COHERENCE = Panel("Coherence", ("coherence",), coherence)
TAILS = Panel("Tails", ("tail_fit",), tails, also=("tail_curve", "tail_alternative"))
ANNOTATED_HUBS = Panel(
    "Annotated hubs", ("enrichment_test",), annotated_hubs, also=("enrichment_decile", "residual_hub")
)
