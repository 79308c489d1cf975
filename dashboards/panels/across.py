"""Panels about features of different layers: links by co-activation, directions that last."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.across import highway_bars, persistence_lines, persistence_rates
from dashboards.data import imported_run, query_run
from dashboards.feature_choice import chosen_feature
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.default import table_rows
from dashboards.run_tables import has_rows

N_OF_FEATURE = 100
ANY_ENDS = dict.fromkeys(("sae_id", "feature", "source_layer", "target_layer"))
RULES = {"mutual": "mutual partners, against chance", "published": "published: |cosine| of 0.7"}
WORDS = {
    "mutual": "Features that are not rare and that are each other's nearest, nearer than a random dictionary comes.",
    "published": "Living features with an absolute cosine of 0.7 or more, whoever else has it.",
}
CEILING = "Another seed of the same layer: what could be found at most."
NO_CEILING = (
    "What could be found at most is not known: no other seed of these autoencoders was trained (compare.seeds)."
)


def links() -> None:
    """Highways by pair of layers, and the strongest links."""
    pairs = query_run("highways")
    text = (
        "Features of the earlier layer: living, with any link, with a highway, and with one by their genes alone. "
        "Imported, and by the published rules, a highway is a link of pointwise mutual information above 3: rare "
        "features reach that by few joint firings, and features of the same gene by that gene."
    )
    caption = (
        "A link joins two features that fire at the same positions; it is no causal effect. Between neighbouring "
        "layers most join a direction to itself, carried along by the residual stream."
    )
    of = ("cross_layer_summary",)
    figure_beside_table(highway_bars(pairs), text, given(pairs), caption, of=of)
    if has_rows("pmi_comparison"):
        caption = (
            "Links beside causal edges between the same layers: pairs and targets in common, and what chance gives."
        )
        described_table(query_run("pmi_comparison"), caption)


def strongest_links(n_rows: int, **ends: Any) -> None:  # noqa: ANN401 - any value that DuckDB can bind
    """The strongest links of the run; ``ends``: of two layers alone, or those of which one feature is an end."""
    found = query_run("cross_layer_links", n_rows=n_rows, **(ANY_ENDS | ends))
    if found.is_empty():
        st.info("This feature is an end of none of the links that were kept.")
        return
    ends = {end: link_column(end) for end in ("source", "target")}
    shown = found.with_columns(source=feature_address("source_"), target=feature_address("target_"))
    columns = (
        "source",
        "source_genes",
        "target",
        "target_genes",
        "n_together",
        "expected",
        "z",
        "q",
        "pmi",
        "target_label",
    )
    strength = "z" if found["q"].count() else "pointwise mutual information, in bits"
    caption = f"The strongest {found.height} links, by {strength}. Co-activation, no causal effect."
    described_table(given(shown.select(columns)), caption, of=("cross_layer_link",), links=ends, height=320)


def persistence() -> None:
    """Directions found again in the next layer and in later ones."""
    rows = query_run("persistence")
    if not imported_run():
        tracked(rows)
        return
    text = (
        f"Features with a direction of cosine {rows['match_threshold'][0]:g} or more in the other layer. Layers of a "
        "transformer write in one space but turn it: a low number is no proof that a meaning is gone."
    )
    steps = given(rows.filter(pl.col("kind") == "adjacent").drop("kind", "^.*threshold$"))
    caption = "From each layer to the next."
    of = ("persistence",)
    figure_beside_table(persistence_lines(rows), text, steps, caption, widths=(1, 1), of=of, height=320)


def tracked(rows: pl.DataFrame) -> None:
    """The same in a run of one's own: shares beside what a random dictionary and another seed give."""
    rules = [rule for rule in RULES if rule in rows["rule"]]
    rule = addressed_choice("Rule", "rule", rules, RULES.__getitem__, st.radio, horizontal=True)
    own = rows.filter(pl.col("rule") == rule)
    text = (
        "Share of a layer's features that are found again, with its 95 % interval. Random dictionary: what chance "
        f"gives. {CEILING if own['seed_rate'].count() else NO_CEILING} Layers of a transformer write in one space but "
        "turn it: a low share is no proof that a meaning is gone."
    )
    shown = given(own.drop("rule", "high_match_threshold"))
    of = ("persistence",)
    figure_beside_table(persistence_rates(own), text, shown, WORDS[rule], widths=(1, 1), of=of, height=360)


def lifecycle() -> None:
    """How many layers a direction lasts."""
    left, right = st.columns(2)
    with left:
        described_table(given(query_run("lifecycle")), "Features by how long their direction lasts.", of=("lifecycle",))
    if has_rows("lifecycle_span"):
        with right:
            table_rows("lifecycle_span")


def feature_life() -> None:
    """The feature that the page Feature shows, in other layers."""
    sae_id, feature = chosen_feature()
    found = query_run("feature_life", sae_id=sae_id, feature=feature)
    if found.height < 2:
        st.info("No feature of a neighbouring layer has its direction, by more than chance.")
        return
    caption = "One direction, carried on from layer to layer; cosine and code r: with the layer before."
    shown = found.with_columns(page=feature_address()).drop("sae_id", "feature", "layer")
    columns = ("page", "cosine", "code_r", "top_genes", "label", "frequency")
    links = {"page": link_column("feature")}
    described_table(shown.select(columns), caption, of=("feature_match", "feature"), links=links, height=330)


def feature_links() -> None:
    """Links of the feature that the page Feature shows."""
    sae_id, feature = chosen_feature()
    strongest_links(N_OF_FEATURE, sae_id=sae_id, feature=feature)


LINKS = Panel("Links between layers", ("cross_layer_summary",), links)
PERSISTENCE = Panel("Persistence", ("persistence",), persistence, also=("feature_match",))
LIFECYCLE = Panel("Lifecycle", ("lifecycle",), lifecycle, also=("lifecycle_span",))
FEATURE_LIFE = Panel("The same feature in other layers", ("feature_life",), feature_life, also=("feature_match",))
FEATURE_LINKS = Panel("Links across layers", ("cross_layer_link",), feature_links)
