"""Tab of the circuits page about features that were changed together."""

import polars as pl
import streamlit as st

from dashboards.circuit_charts import additivity
from dashboards.data import query_run
from dashboards.links import feature_address, link_column
from dashboards.style import show
from dashboards.tables import show_table

Q_MAX = 0.05
MOST_ROWS = 500


def combinations(traced: pl.DataFrame, effect: str, rule: str, source_sae: str | None) -> None:
    """What a set of features does together beside the sum of what each does alone; the page's choices do not matter."""
    members = query_run("combinations")
    if members.is_empty():
        st.info("This run changed no features together; a study names sets, or has them drawn, under [combine].")
        return
    choice = st.selectbox("Set of features", members["combination"].unique(maintain_order=True).to_list())
    shown = members.filter(combination=choice)
    st.write(
        f"All members are active in **{shown['n_cells'][0]}** of the measured cells. In these, each is changed alone, "
        "and all together. On the dashed line the joint effect is the sum of the single ones: the members act side by "
        "side. Coloured targets leave the line in one direction, cell after cell "
        f"(q at most {Q_MAX:g}): there the members **interact**."
    )
    described = ("multiplier", "top_genes", "label", "top_cell_type")
    show_table(shown.select("member", feature_address().alias("page"), *described), {"page": link_column("feature")})
    targets = query_run("combination_targets", combination=choice)
    interacting = targets.filter(pl.col("q") <= Q_MAX)
    left, right = st.columns([1, 1])
    with left:
        text = (
            f"The members interact on {interacting.height:,} of {targets.height:,} target features. Mind the size: the "
            f"largest interaction is {largest(interacting['interaction'])}, the largest joint effect "
            f"{largest(targets['joint'])}."
        )
        show(additivity(targets, Q_MAX), text)
    with right:
        measured = ("sum_of_singles", "joint", "interaction", "g", "q", "top_genes")
        first = targets.head(MOST_ROWS).select(feature_address("target_").alias("target"), *measured)
        show_table(first, {"target": link_column("target")}, height=380)


def largest(values: pl.Series) -> str:
    """The largest magnitude of some values, as people read it."""
    return "none" if values.is_empty() else f"{max(map(abs, values)):.2g}"
