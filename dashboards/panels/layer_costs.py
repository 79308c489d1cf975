"""Panels of what taking features out costs by layer, beside controls: from steps patching and damage."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.layer_costs import cost_by_layer
from dashboards.data import query_run
from dashboards.layout import described_table, filled, two_figures
from dashboards.panel import Panel
from dashboards.panels.patching import KINDS

ARMS = {"hub": "hubs", "matched": "features that fire as often as hubs", "random": "random features"}
TEXT = (
    "One feature at a time, features as units: means with 95 % intervals over features. Dotted: controls. A slope that "
    "controls have as well belongs to the layers: the earlier a displacement, the more blocks work on it."
)
BY_UNIT = "Sizes divided out, since later layers have longer states and larger activations. Dashed: nothing changed."


def patching_by_layer() -> None:
    """How far predictions of hidden genes move, and the difference on targets by unit of activation."""
    rows = query_run("layer_costs", source="patching")
    if not filled(rows, "No features were taken out one by one."):
        return
    kinds = [kind for kind in KINDS if kind in rows["arm"]]
    kind = addressed_choice(
        "Targets", "targets", kinds, KINDS.__getitem__, st.radio, key="layer_costs_kind", horizontal=True
    )
    per_unit = "Targets less genes like them, by unit of activation"
    _figures(rows.filter(arm=kind), "Divergence at hidden genes, nat", per_unit)
    caption = "value: Kullback-Leibler divergence at all hidden genes. per_unit: difference on targets by activation."
    described_table(rows.filter(arm=kind).drop("arm"), caption, of=("sae",), height=300)


def damage_by_layer() -> None:
    """Loss added at hidden genes, as it is and by length of what is taken out."""
    rows = query_run("layer_costs", source="damage")
    if not filled(rows, "No hubs were taken out one by one."):
        return
    arms = [arm for arm in ARMS if arm in rows["arm"]]
    arm = addressed_choice(
        "Features", "features", arms, ARMS.__getitem__, st.radio, key="layer_costs_arm", horizontal=True
    )
    shown = rows.filter((pl.col("arm") == arm) | (pl.col("treatment") != "ablated"))
    _figures(shown, "Loss added at hidden genes", "Loss added by unit of length")
    caption = "Controls are the hubs' activations along other directions. per_unit: by length of what is taken out."
    described_table(shown, caption, of=("sae", "damage_summary"), height=300)


def _figures(rows: pl.DataFrame, total: str, per_unit: str) -> None:
    if rows["layer"].n_unique() == 1:
        st.caption(f"All of one layer, {rows['layer'][0]}: a study that asks for more of them shows how they differ.")
    two_figures((cost_by_layer(rows, "value", total), TEXT), (cost_by_layer(rows, "per_unit", per_unit), BY_UNIT))


PATCH_LAYERS = Panel("Cost by layer", ("patch_control",), patching_by_layer, also=("causal_patch",))
DAMAGE_LAYERS = Panel("Damage by layer", ("damage_summary",), damage_by_layer)
