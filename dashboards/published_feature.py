"""What the feature page shows of an imported feature in place of what only our own runs have."""

import streamlit as st

from dashboards.data import query_run
from dashboards.imported import NOT_PUBLISHED, PUBLISHED, given
from dashboards.links import feature_address, link_column
from dashboards.tables import show_table

N_LINKS = 100


def published_cell_types(sae_id: str, feature: int) -> None:
    """Types, tissues and top cells."""
    evidence = query_run("atlas_cell_evidence", sae_id=sae_id, feature=feature)
    if evidence.is_empty():
        st.info("No cell type and no tissue is enriched, or the layer's file was missing.")
    else:
        show_table(given(evidence), height=240)
        st.caption("Types and tissues among the tenth of cells where it is most active; q corrects within the feature.")
    cells = query_run("atlas_top_cells", sae_id=sae_id, feature=feature)
    if not cells.is_empty():
        st.write("Cells where it is most active")
        show_table(cells)


def published_evidence(sae_id: str, feature: int) -> None:
    """Label, networks and links as published, and what was not published."""
    about = query_run("atlas_evidence", sae_id=sae_id, feature=feature).row(0, named=True)
    left, right = st.columns([2, 3])
    with left:
        st.subheader("As published")
        label = f"{about['published_label']} ({about['published_ontology']})" if about["published_label"] else "none"
        aligned = "aligned" if about["svd_aligned"] else "not aligned"
        st.write(
            f"Label: **{label}**; {about['published_annotations']} annotation rows; {aligned} with a singular vector."
        )
        densities = query_run("atlas_densities", sae_id=sae_id, feature=feature)
        if not densities.is_empty():
            show_table(densities)
            st.caption(
                "Edges among its genes in gene networks, over all pairs: a density, no p-value; larger is stronger."
            )
        st.caption(f"{PUBLISHED.capitalize()}. Activations, nearest directions and causal edges are {NOT_PUBLISHED}.")
    with right:
        st.subheader("Links across layers")
        links = query_run("atlas_links", sae_id=sae_id, feature=feature, n_rows=N_LINKS)
        if links.is_empty():
            st.info("It is an end of none of the strongest links, which alone were published.")
            return
        ends = {end: link_column(end) for end in ("source", "target")}
        shown = links.with_columns(source=feature_address("source_"), target=feature_address("target_"))
        show_table(shown.select("source", "target", "pmi", "source_genes", "target_genes"), ends, height=280)
        st.caption("Features of different layers that fire at the same positions: no causal effect.")
