"""Panel of single features switched off: hidden genes beside controls, and what published rules say."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.patching import NULLS, against_controls, patch_scatter
from dashboards.data import query_run
from dashboards.feature_choice import chosen_feature
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.default import table_rows
from dashboards.run_tables import has_rows
from dashboards.text import markdown

LEVEL = 0.05
WARNINGS = {  # by the kind of effect
    "logit": "The ratio divides by small numbers: a large specificity is often a small effect on other genes, not a "
    "large one on the feature's own.",
    "displacement": "Nearly all of the displacement is the autoencoder's own error, which feature and control share.",
}
UNITS = {"logit": "Mean change of logits", "displacement": "Mean displacement of outputs"}
KINDS = {
    "term": "genes of its best gene set, without its own",
    "train": "genes that suffered most in training cells",
    "own": "the genes on which it fires most",
}


def patching() -> None:
    """What switching single features off did to the model's output."""
    every = query_run("patches")
    paired, published = (every.filter((pl.col("rule") == "paired") == wanted) for wanted in (True, False))
    if paired.height:
        hidden_genes(paired)
    if published.height:
        as_published(published)
    if has_rows("causal_patch_summary"):
        table_rows("causal_patch_summary")


def hidden_genes(paired: pl.DataFrame) -> None:
    """Differences between hidden targets and matched genes, one point a feature, beside those of all controls."""
    st.markdown("**Hidden genes**, and what controls do to them")
    kinds = [kind for kind in KINDS if kind in paired["target_kind"]]
    kind = addressed_choice("Target genes", "genes", kinds, KINDS.__getitem__, st.radio, horizontal=True)
    own = paired.filter(target_kind=kind)
    controls = query_run("patch_controls").filter(target_kind=kind)
    columns = ("difference", "per_unit", "elsewhere", "kl", "p", "q", "p_direction", "n_cells", "label", "genes")
    figure_beside_table(
        against_controls(own, controls),
        verdict(own, controls),
        given(own.select(feature_address().alias("page"), *columns)),
        "difference: change on hidden targets minus that on genes of like rank and frequency. p speaks of cells, "
        "p_direction of other directions of the same length: without the second the first is no finding.",
        links={"page": link_column("feature")},
        of=("causal_patch",),
        height=460,
    )


def verdict(own: pl.DataFrame, controls: pl.DataFrame) -> str:
    """How many features are called, and how many directions that mean nothing, as a sentence."""
    drawn = controls.filter(pl.col("control").is_in(NULLS))
    beyond = int((own["p_direction"] <= LEVEL).sum())
    text = "One point per feature and control; on the left, targets suffer more than genes like them. "
    text += f"p is at most {LEVEL:g} for {_share(own)} of the features"
    if drawn.height:
        text += f" and for {_share(drawn)} of the directions that mean nothing"
    return f"{text}; {beyond} of {own.height} features lie beyond nineteen of twenty of those (dotted lines)."


def _share(frame: pl.DataFrame) -> str:
    return f"{(frame['p'] <= LEVEL).sum() / frame.height:.0%}"


def as_published(every: pl.DataFrame) -> None:
    """The published picture: own against other genes."""
    kinds = every["effect"].unique(maintain_order=True).to_list()
    kind = str(
        kinds[0]
        if len(kinds) == 1
        else addressed_choice("Effect", "effect", kinds, markdown, st.segmented_control, required=True)
    )
    if has_rows("patch_control"):
        st.markdown("**By the published rule**, on the same features")
    frame = every.filter(pl.col("effect") == kind).sort("specificity", "feature", descending=[True, False])
    text = f"One point per feature; above the dashed line its own genes change more. {WARNINGS.get(kind, '')}"
    shown = frame.with_columns(page=feature_address()).select(
        "page", "specificity", "target_effect", "other_effect", "n_cells", "label", "genes"
    )
    figure_beside_table(
        patch_scatter(frame, UNITS.get(kind, f"Mean change of {kind}")),
        text,
        given(shown),
        "genes: those whose outputs count as the feature's own.",
        links={"page": link_column("feature")},
        of=("causal_patch",),
        height=460,
    )


def of_one_feature() -> None:
    """What taking the feature out does to hidden genes, beside its controls."""
    sae_id, feature = chosen_feature()
    frame = query_run("feature_patches", sae_id=sae_id, feature=feature)
    if filled(frame, "This feature was not patched, or no cell hid a gene that it should be about."):
        text = (
            "Each row is read on the same cells and hidden genes. The difference means something where those of the "
            "random direction and of the direction as states vary are smaller; zero must give exactly 0."
        )
        described_table(frame, text, of=("causal_patch", "patch_control"))


PATCHING = Panel(
    "Causal patching",
    ("causal_patch",),
    patching,
    also=("causal_patch_gene", "causal_patch_summary", "patch_cell", "patch_control"),
)
FEATURE_PATCHES = Panel("Taken out: hidden genes", ("patch_control",), of_one_feature)
