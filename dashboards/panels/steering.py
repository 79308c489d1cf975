"""Panels of steering: doses, layers, every feature, and the read-outs themselves."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.steering import IN_PLACE, control_band, dose_curves, layer_bars, layer_groups, probe_bars
from dashboards.data import imported_run, query_run
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table
from dashboards.links import feature_address, feature_name, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table

READOUTS = {
    "pseudotime": "pseudotime, by a probe",
    "probability": "probability of being late, by a probe",
    "signature_centred": "likeness to late cells, mean taken off",
    "signature": "likeness to late cells, as published",
    "marker": "markers of late less early cells",
}
DEGENERATE = (
    "This follows from the weights alone: behind the last layer stands no block, so a probe of the embedding moves by "
    "the same sign in every cell. It says nothing of what the model computes, and enters no correction."
)
MEASURES = {
    "Mean change": ("mean", 0.0),
    "Mean change for each unit of length added": ("per_dose", 0.0),
    "Share of cells that move towards late ones": ("fraction_positive", 0.5),
}
GRADIENT = (
    "Whether later layers do more: Spearman's correlation of layer and measure over features, and the last layer "
    "against all earlier ones. A gradient that controls have as well is one of the layers; rows **less_** hold each "
    "feature against its own control. Scope all counts in what follows from weights alone, as published."
)


CHOICE = "steering_readout"  # key in the session


def choose_readout() -> bool:
    """The box of the read-out that all panels show; none where nothing was steered. Always True: panels follow."""
    known = query_run("steering_readouts")["readout"].to_list()
    if known:
        names = {name: READOUTS.get(name, name.replace("_", " ")) for name in known}
        st.session_state[CHOICE] = addressed_choice("Read-out", "readout", known, names.__getitem__)
    return True


def chosen_rows() -> pl.DataFrame:
    """Rows of the chosen read-out."""
    return query_run("steering", readout=st.session_state[CHOICE])


def first_found(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the panel's features, those of smallest q first."""
    return rows.filter(arm="feature").sort("q", "p_cells", nulls_last=True, maintain_order=True)


def doses() -> None:
    """One feature's effect by multiplier, beside its controls."""
    rows = chosen_rows()
    panel = first_found(rows).unique(["sae_id", "feature"], keep="first", maintain_order=True)
    ways = list(panel.select("sae_id", "feature").iter_rows())
    about = {
        way: f"{feature_name(one['layer'], one['feature'])} · {one['kind']} · d {one['d']:.2f}"
        for way, one in zip(ways, panel.iter_rows(named=True), strict=True)
    }
    sae_id, feature = addressed_choice("Feature", "feature", ways, about.__getitem__)
    own = rows.filter(sae_id=sae_id, feature=feature)
    null = control_band(rows.filter(pl.col("arm").is_in(IN_PLACE), sae_id=sae_id))
    text = (
        "Bars: 95 % interval over cells. Grey: where 95 % of what stands in the place of the layer's features lies. "
        "An effect within it is what any direction does."
    )
    if null.is_empty():
        text = "Bars: 95 % interval over cells. There are no controls to hold this against."
    text += rebuilt(own)
    shown = own.select("arm", "multiplier", "n_cells", "mean", "fraction_positive", "per_dose", "p", "q")
    caption = "p and q: against read-outs of shuffled pseudotimes (or random markers), over the whole panel."
    if own["degenerate"].any():
        st.warning(DEGENERATE)
    figure_beside_table(dose_curves(own, null), text, given(shown), caption, widths=(1, 1), of=("steering_summary",))


def rebuilt(own: pl.DataFrame) -> str:
    """What the autoencoder's reconstruction does to the cells of one feature, as a sentence; empty if not measured."""
    means = own.filter(arm="reconstruction")["mean"]
    return f" The reconstruction alone moves these cells by {means[0]:.2g}." if means.len() else ""


def by_layer() -> None:
    """Means over features by layer and kind, with the null band."""
    rows = chosen_rows()
    left, right = st.columns(2)
    shared = rows.filter(arm="feature").group_by("multiplier").agg(n=pl.len()).sort("multiplier")
    common = shared.filter(pl.col("n") == shared["n"].max())["multiplier"].to_list()
    by = addressed_choice
    multiplier = by("Multiplied by", "multiplier", common, lambda one: f"{one:g}", left.selectbox, common[-1])
    measures = [name for name, (column, _) in MEASURES.items() if rows[column].count()]
    measure = addressed_choice("Shown", "measure", measures, place=right.selectbox)
    column, chance = MEASURES[measure]
    at = rows.filter(pl.col("multiplier") == multiplier)
    groups = layer_groups(at, column)
    text = (
        "Each bar is a mean over features, which are the units, with its 95 % interval. Grey: that of the mean of "
        "their controls (random direction, random signs, direction as states vary, another feature)."
        if at.filter(pl.col("arm").is_in(IN_PLACE)).height
        else "Each bar is a mean over features, which are the units, with its 95 % interval. There are no controls to "
        "hold it against."
    )
    if at["degenerate"].any():
        st.warning(f"Layer {at.filter('degenerate')['layer'][0]}: {DEGENERATE[0].lower()}{DEGENERATE[1:]}")
    show(layer_bars(groups, measure, chance), text)
    tests = query_run("steering_contrasts", readout=st.session_state[CHOICE])
    caption = "Features as units; q is over all contrasts, layers, read-outs and multipliers but degenerate ones."
    described_table(tests, caption, of=("steering_contrast",), height=320)
    gradient = query_run("layer_gradient", readout=st.session_state[CHOICE])
    if gradient.height:
        described_table(gradient, GRADIENT, of=("layer_gradient",), height=320)


def features() -> None:
    """Every feature of the panel at every multiplier."""
    rows = first_found(chosen_rows())
    significant = rows.filter(pl.col("q") <= 0.05).height
    tested = rows["q"].count()
    words = (
        f"**{significant}** of {tested} tests have q at most 0.05." if tested else "There is no test against shuffles."
    )
    st.write(
        f"{words} p asks whether a feature moves this read-out further than read-outs of shuffled pseudotimes; "
        "p_cells, the published test, only whether cells agree, which they do on any direction."
    )
    columns = ["kind", "d", "multiplier", "n_cells", "mean", "sd", "fraction_positive", "p", "q"]
    columns += ["p_cells", "q_cells", "q_published", "degenerate", "top_genes"]
    if imported_run():
        show_table(given(rows.select("layer", "feature", *columns)), of=("steering_summary", "steering_feature"))
        return
    shown = rows.select(feature_address().alias("page"), *columns)
    of = ("steering_summary", "steering_feature", "feature")
    show_table(shown, {"page": link_column("feature")}, of=of, height=420)


def readouts() -> None:
    """How well read-outs tell early from late cells, what the signature says of genes, and where read-outs agree."""
    probes = query_run("steering_readouts").filter(pl.col("metric").is_not_null())
    unit, n_folds = probes["unit"][0], probes["n_folds"][0]
    text = (
        f"Learnt from {n_folds - 1} of {n_folds} folds of {unit}s and tested on the other, {probes['n_cells'][0]} "
        "cells that do nothing else. A read-out that does not clear the shuffled ones cannot tell whether a cell moved."
    )
    genes = query_run("signature_genes")
    caption = "What the model predicts of genes, on average in early and in late cells: the ends of the signature."
    figure_beside_table(probe_bars(probes), text, genes, caption, widths=(3, 2), of=("signature", "gene"), height=320)
    agree = query_run("readout_concordance")
    described_table(agree, "Whether read-outs agree on features.", of=("readout_concordance",), height=280)


DOSES = Panel("Dose", ("steering_summary", "steering_feature"), doses, also=("steering_value", "dose_response"))
LAYERS = Panel("By layer", ("steering_summary", "steering_contrast"), by_layer, also=("layer_gradient",))
FEATURES = Panel("Features", ("steering_summary",), features)
READ_OUTS = Panel(
    "Read-outs", ("probe",), readouts, also=("signature", "readout_concordance", "marker_gene", "steering_cell")
)
