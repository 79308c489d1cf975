"""Panel of what hubs cost the model's predictions."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.damage import arm_points, cost_scatter
from dashboards.circuit_choice import chosen_circuits
from dashboards.data import query_run
from dashboards.layout import described_table, filled, two_figures
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

NONE_HERE = "Nothing was taken out of this source layer: choose another above."
Q_MAX = 0.05


def damage() -> None:
    """Loss at hidden genes with hubs taken out, beside features that fire as often and beside controls."""
    source_sae = chosen_circuits().source_sae
    arms = query_run("damage_arms", source_sae=source_sae)
    if not filled(arms, NONE_HERE):
        return
    layer = _one_layer(arms)
    own = arms.filter(pl.col("layer") == layer)
    sae_id = str(own["sae_id"][0])
    tests = query_run("damage_tests", source_sae=sae_id)
    unit = "nat" if own["accuracy"].count() else "bins squared"
    ours = own.filter(pl.col("rule") == "same_cells")
    st.write(verdict(tests, unit, markdown(f"{own['criterion'][0]} rule, {own['effect'][0]} effects")))
    alone = "One feature at a time: one point per arm, 95 % intervals over features. All at the same hidden genes."
    whole = "A whole arm at a time: 95 % intervals over cells. Grey: the same activations elsewhere, and no feature."
    two_figures(
        (arm_points(ours.filter(~pl.col("together")), unit), alone),
        (arm_points(ours.filter("together"), unit), whole),
    )
    columns = ("rule", "test", "n_first", "n_second", "first", "second", "statistic", "p", "q", "imbalance")
    caption = (
        "An imbalance above 0.1 says that two arms do not fire alike. Published costs hold the cells where a feature "
        "is active against all cells, so that features which are silent in some seem to help or to harm."
    )
    described_table(tests.select(columns), caption, of=("damage_test",), height=380)
    features = query_run("damage_features", source_sae=sae_id)
    show(cost_scatter(features, unit), "Every feature that was taken out, by how often it fires.")
    listed = features.with_columns(page=feature_address())
    shown = ("page", "arm", "degree", "frequency", "cost", "n_active", "top_genes", "label")
    show_table(listed.select(shown), {"page": link_column("feature")}, of=("lm_damage", "feature"), height=300)


def verdict(tests: pl.DataFrame, unit: str, which: str) -> str:
    """What the paired test says, in a sentence."""
    by_test = {row["test"]: row for row in tests.filter(rule="same_cells").iter_rows(named=True)}
    row, given = by_test.get("hub_matched"), by_test.get("degree_given")
    if row is None:
        few = f"Too few hubs ({which}) have a match that fires as often for a comparison."
        if given is None:
            return few
        rho = f"rho of edges and cost given frequency is {given['statistic']:.2f} (q {given['q']:.2g})"
        return f"{few} Over all features, {rho}."
    more = "more" if row["statistic"] > 0 else "less"
    found = f"which is {more} than chance gives" if row["q"] <= Q_MAX else "which chance gives as well"
    return (
        f"A hub ({which}) adds **{row['first']:.2g}** {unit} to the loss at hidden genes, a feature that fires as "
        f"often **{row['second']:.2g}**: a difference of {row['statistic']:.2g} over {row['n_first']} pairs, {found} "
        f"(q {row['q']:.2g})."
    )


def _one_layer(arms: pl.DataFrame) -> int:
    layers = arms["layer"].unique().sort().to_list()
    return int(
        layers[0]
        if len(layers) == 1
        else addressed_choice("Source layer shown", "damage_layer", layers, key="damage_layer")
    )


DAMAGE = Panel("Hubs: damage", ("damage_summary", "damage_test"), damage, also=("lm_damage",))
