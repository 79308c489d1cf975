"""Panels of one label of cells: the features that tell it, their genes, modules and edges, each beside chance."""

import polars as pl
import streamlit as st

from dashboards.charts.cell_types import told_by_layer
from dashboards.data import chosen_run, query_run
from dashboards.filters import rules_of_run
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.links import feature_address, feature_name, link_column
from dashboards.panel import Panel
from dashboards.told_by_chance import chance_line, standard_error

CHOSEN = "cell_type_chosen"  # key in the session: column and label
N_ROWS, N_SAMPLED, N_EDGES, N_PINNED = 300, 100, 200, 4
UNTOLD = "No feature of this run marks this label, so there is nothing to show."
CHANCE = (
    "Dashed: about as far as the best of all features of the layer would come with labels shuffled among like cells in "
    "95 of 100 shuffles, by normal tails. A feature tells more than chance if the lower end of its interval lies "
    "above. Blue ones pass the rule by which features are named."
)


def of_label(query: str, **params: object) -> pl.DataFrame:
    """Rows of a query on the label that the page shows."""
    obs_column, label = st.session_state[CHOSEN]
    return query_run(query, obs_column=obs_column, label=label, **params)


def chance_by_layer() -> tuple[pl.DataFrame, float | None]:
    """Rows of query ``label_layers`` with ``chance``, the line of each layer; and the line of all layers together."""
    layers = of_label("label_layers")
    errors: dict[str, list[float]] = {sae_id: [] for sae_id in layers["sae_id"]}
    for sae_id, auroc, p in of_label("label_spread", n_rows=N_SAMPLED).select("sae_id", "auroc", "p").iter_rows():
        errors[sae_id].append(standard_error(auroc, p))
    lines = [chance_line(errors[sae_id], n) for sae_id, n in layers.select("sae_id", "n_alive").iter_rows()]
    together = chance_line([one for some in errors.values() for one in some], int(layers["n_alive"].sum()))
    return layers.with_columns(chance=pl.Series(lines, dtype=pl.Float64)), together


def features() -> None:
    """Features by layer beside the line of chance, and as a table."""
    found = of_label("label_features", n_rows=N_ROWS)
    layers, _ = chance_by_layer()
    shown = given(found.with_columns(page=feature_address()).drop("sae_id", "feature", "layer", "n_marking"))
    order = ["page", *(name for name in shown.columns if name != "page")]
    caption = (
        f"The first {N_ROWS} features, those that mark the label first, by the lower bound of AUROC. Cells are "
        "compared with others that are alike in what column strata says."
    )
    links = {"page": link_column("feature")}
    of = ("feature_cell_type", "feature_label", "feature")
    if found["auroc"].count() == 0:
        described_table(
            shown.select(order), "As published: not tested among like cells.", of=of, links=links, height=420
        )
        return
    figure = told_by_layer(found.filter(pl.col("auroc").is_not_null()), layers)
    figure_beside_table(figure, CHANCE, shown.select(order), caption, of=of, links=links, height=420)


def by_layer() -> None:
    """Every layer's best feature beside chance, and the share of features that tell any label, beside baselines."""
    layers, _ = chance_by_layer()
    named = layers.with_columns(feature=pl.col("best_feature")).with_columns(page=feature_address())
    columns = (
        *("layer", "page", "best_auroc", "best_low", "chance", "n_features", "n_alive", "any_label", "by_chance"),
        *("best_baseline", "baseline"),
    )
    caption = (
        "Features: how many of the living ones mark this label. Any label: the share of features that mark some label "
        "of the column; by chance: the same with labels shuffled. Best baseline: the share among the best of neurons, "
        "principal axes and untrained models. What these reach as well is no merit of the features."
    )
    shown = given(named.select(columns))
    described_table(shown, caption, of=("feature_label",), links={"page": link_column("best feature")}, height=420)


def genes() -> None:
    """Genes that its features list, beside what any features would list."""
    found = of_label("label_genes", n_rows=100)
    if filled(found, UNTOLD):
        caption = (
            f"Genes that the {found['n_marking'][0]:,} features which mark the label list among their first. Expected: "
            "if as many of all features of the same layers were drawn at random. Genes that most features list come "
            "out alike in both."
        )
        described_table(found.drop("n_marking"), caption, height=420)


def modules() -> None:
    """Modules of its features, beside what any features would be in."""
    found = of_label("label_modules")
    if filled(found, "No feature that marks this label belongs to a module."):
        caption = (
            "Modules with features that mark the label, and how many would if as many features of the layer were drawn "
            "at random. Features of a module fire together, so they tend to mark the same label."
        )
        described_table(given(found.drop("sae_id")), caption, of=("module",), height=360)


def edges() -> None:
    """Edges among its features, beside those expected, with a link to their graph."""
    rule = rules_of_run()[0]
    found = of_label("label_edges", effect="total", criterion=rule, n_rows=N_EDGES)
    if not filled(found, f"No edge by the rule {rule} joins two features that mark this label."):
        return
    ends = {end: feature_address(f"{end}_") for end in ("source", "target")}
    shown = found.with_columns(**ends).select("source", "target", "g", "q", "n_cells")
    n, expected = found["n_matching"][0], found["expected"][0]
    beside = ""
    if expected is not None:
        beside = f" If edges kept the numbers at their ends and were joined at random, {expected:,.1f} would do so."
    st.write(f"**{n:,}** edges by the rule {rule} join features that mark the label.{beside}")
    links = {end: link_column(end) for end in ends}
    caption = (
        f"The strongest {found.height:,}, total effects. Features that fire in the same cells are joined more often "
        "than others, whatever they stand for."
    )
    described_table(shown, caption, of=("edge_stat",), links=links, height=360)
    sources = found.unique(["source_sae", "source_feature"], maintain_order=True).head(N_PINNED)
    pinned = ", ".join(map(feature_name, sources["source_layer"], sources["source_feature"]))
    query = {"run": chosen_run(), "tab": "Graph", "pinned": pinned, "rule": rule, "find": st.session_state[CHOSEN][1]}
    label = "Open the graph around the strongest of them"
    st.page_link("pages/circuits.py", label=label, icon=":material/account_tree:", query_params=query)


TABLES = ("feature_cell_type",)
FEATURES = Panel("Features that tell it", TABLES, features, also=("feature_label",))
LAYERS = Panel("Layer by layer", TABLES, by_layer, also=("baseline",))
GENES = Panel("Genes that they share", (*TABLES, "feature_gene"), genes)
MODULES = Panel("Modules that they are in", (*TABLES, "module"), modules, also=("module_feature", "module_label"))
EDGES = Panel("Edges among them", (*TABLES, "feature_degree", "edge_stat"), edges, also=("edge",))
