"""Two features side by side: figures, genes and cell types of the one shown and of another that the reader names."""

import re
from typing import Any

import polars as pl
import streamlit as st

from dashboards.data import query_run
from dashboards.imported import figure
from dashboards.layout import described_table
from dashboards.links import feature_name, link_to_feature
from dashboards.text import markdown

N_GENES = 15
NAME = re.compile(r"[Ll](\d{1,4})_[Ff](\d{1,9})")
SHOWN = {"frequency": ".2%", "n_cells_active": ",", "n_genes": ",", "max_activation": ".3g", "top5_share": ".0%"}


def named_feature(text: str) -> tuple[str, int] | None:
    """Autoencoder and number of a feature by its short name, as in L2_F268; None if the run has none of that name."""
    found = NAME.fullmatch(text.strip())
    if not found:
        return None
    layer, number = int(found[1]), int(found[2])
    own = query_run("layer_quality").filter((pl.col("layer") == layer) & (pl.col("n_features") > number))
    return None if own.is_empty() else (str(own["sae_id"][0]), number)


def side_by_side(one: tuple[str, int], text: str) -> None:
    """The feature ``one`` beside the one called ``text``; a line if there is none of that name."""
    other = named_feature(text)
    if other is None:
        st.warning(f"This run has no feature {markdown(text[:40])}: write layer and number, as in L2\\_F268.")
        return
    with st.container(border=True):
        genes = [_one_side(place, *way) for place, way in zip(st.columns(2), (one, other), strict=True)]
        shared = [gene for gene in genes[0] if gene in genes[1]]
        words = f": {markdown(', '.join(shared))}" if shared else ""
        st.caption(f"Among the genes listed of each, {len(shared)} are shared{words}.")


def _one_side(place: Any, sae_id: str, feature: int) -> list[str]:  # noqa: ANN401 - a column of the page
    """Name, figures, genes and cell types of a feature. Returns its genes."""
    genes = query_run("feature_genes", sae_id=sae_id, feature=feature)
    with place:
        about = query_run("feature", sae_id=sae_id, feature=feature).row(0, named=True)
        name = feature_name(about["layer"], feature)
        st.subheader(f"{name} · {markdown(about['name'] or 'unnamed')}")
        st.caption(markdown(about["evidence"] or f"Gene set: {about['label'] or 'none'}"))
        told = {"tier": about["tier"], "cell type": about["top_cell_type"] or "none called"}
        told |= {
            column.replace("_", " ").removeprefix("n "): figure(about[column], form) for column, form in SHOWN.items()
        }
        st.table(told, border="horizontal")
        columns = ["rank", "symbol", "score", "fire_rate"]
        described_table(genes.select(columns).head(N_GENES), "Its first genes.", of=("feature_gene",))
        link_to_feature(sae_id, about["layer"], feature)
    return genes["symbol"].to_list()
