"""Atlas: what an imported atlas holds that our own runs do not, and how it compares with what was published."""

import streamlit as st

from dashboards.atlas_panels import causal, gaps, modules, novel, parity, perturbations, svd
from dashboards.cross_layer_panels import flow, persistence
from dashboards.data import imported_run
from dashboards.frame import run_page
from dashboards.imported import PUBLISHED

PANELS = {
    "Modules": modules,
    "Cross-layer flow": flow,
    "Persistence": persistence,
    "Causal patching": causal,
    "Perturbation response": perturbations,
    "Novel clusters": novel,
    "SVD comparison": svd,
    "Parity": parity,
    "Gaps": gaps,
}


def main() -> None:
    """The whole page."""
    st.title("Atlas")
    if not imported_run():
        st.info("This run was computed here. Import a published atlas with `scfm import-atlas PATH` to see one.")
        return
    st.caption(f"Results as {PUBLISHED}, with what stands against each; parity says whether the files are whole.")
    for tab, panel in zip(st.tabs(list(PANELS)), PANELS.values(), strict=True):
        with tab:
            panel()


run_page(main)
