"""Circuits: the edges of a run, its hubs, how thresholds, null and controls look, and a network picture."""

import streamlit as st

from dashboards.circuit_panels import edge_table, hubs, network
from dashboards.combination_panels import combinations
from dashboards.data import imported_run, query_run
from dashboards.edges import RULES
from dashboards.effect_panels import direct_and_total, precision
from dashboards.evidence_panels import controls, thresholds
from dashboards.filters import effect_choice, layer_choice
from dashboards.frame import run_page

LINKS = "Links of an imported atlas, which are no causal effects, are on the page Atlas."


def main() -> None:
    """The whole page."""
    st.title("Circuits")
    st.caption(
        "An edge says: when the source feature is switched off, the target feature, in a later layer, fires more or "
        "less, cell after cell. Sign flips of cells tell how often chance gives as much; q corrects for all tests."
    )
    traced = query_run("traced_saes")
    if traced.is_empty():
        st.info("This run traced no circuits." + (f" {LINKS}" if imported_run() else ""))
    else:
        first, second, third = st.columns(3)
        effect = effect_choice(traced, first)
        rule = second.selectbox("Rule", list(RULES), format_func=RULES.__getitem__)
        with third:
            source_sae = layer_choice(traced, "source", "Source layer")
        rules = query_run("criteria")
        words = dict(zip(rules["criterion"], rules["meaning"], strict=True))
        st.caption(f"{RULES[rule].capitalize()}: {words.get(rule, 'all living pairs, nothing cut')}.")
        panels = {
            "Edges": edge_table,
            "Hubs": hubs,
            "Direct and total": direct_and_total,
            "Thresholds and null": thresholds,
            "Controls": controls,
            "Precision": precision,
            "Combinations": combinations,
            "Network": network,
        }
        for tab, panel in zip(st.tabs(list(panels)), panels.values(), strict=True):
            with tab:
                panel(traced, effect, rule, source_sae)


run_page(main)
