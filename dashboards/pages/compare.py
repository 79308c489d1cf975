"""Compare autoencoders: how much they explain with how few features, how alike they are, how they trained."""

import polars as pl
import streamlit as st

from dashboards.compare_charts import density_steps, named, overlap_map, trade_off
from dashboards.data import query_run
from dashboards.frame import run_page
from dashboards.imported import NOT_PUBLISHED
from dashboards.layer_charts import curves
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.training_panels import SAE_METRICS, SPLITS

FIGURES = {
    "fvu": ("Fraction of variance unexplained", "Lower left is better: more is rebuilt from fewer features."),
    "loss_recovered": ("Loss recovered", "Upper left is better: the model keeps more of its skill on fewer features."),
    "embedding_recovered": (
        "Cell embeddings kept",
        "Upper left is better: the model's embeddings of cells move less.",
    ),
    "dead_fraction": ("Dead fraction", "Lower is better: features that never fire on held-out cells are wasted."),
}
MOST_LINES = 8  # of a figure that stays readable
HOW = (
    "Several autoencoders of a layer are compared if the study says which, in section `compare`: "
    '`scfm run STUDY.toml --set compare.variants=["topk","gated"] --set compare.seeds=[0,1]`.'
)


def names_of(saes: pl.DataFrame) -> dict[str, str]:
    """Names by ``sae_id``."""
    return dict(saes.select("sae_id", "name").iter_rows())


def trade_offs(saes: pl.DataFrame) -> None:
    """Quality against sparsity."""
    column = st.selectbox("Quality", list(FIGURES), format_func=lambda name: FIGURES[name][0])
    title, reading = FIGURES[column]
    text = f"{reading} On held-out cells; a symbol a width; a dark ring marks those whose features are described."
    show(trade_off(saes.filter(pl.col(column).is_not_null()), column, title), text)
    show_table(saes.drop("name"))


def overlap(saes: pl.DataFrame, layer: int) -> None:
    """Which features the autoencoders share."""
    pairs = query_run("compare_overlap", layer=layer)
    if pairs.is_empty():
        st.info("Nothing was compared with this layer's autoencoder. " + HOW)
        return
    text = (
        "Share of the living features of one autoencoder whose direction another one has as well (cosine of at least "
        "0.7). Between seeds, it tells how much of a dictionary is a matter of luck."
    )
    show(overlap_map(pairs, names_of(saes)), text)
    show_table(pairs)


def some_of(saes: pl.DataFrame, key: str) -> pl.DataFrame:
    """Those that a figure of lines shows: all, or of many the chosen ones."""
    if saes.height <= MOST_LINES:
        return saes
    names = names_of(saes)
    first = saes.sort(pl.col("described"), pl.col("seed"), descending=[True, False], maintain_order=True)["sae_id"]
    spread = first.gather_every(-(-saes.height // MOST_LINES)).to_list()
    chosen = st.multiselect("Autoencoders", list(names), spread, format_func=names.__getitem__, key=key)
    return saes.filter(pl.col("sae_id").is_in(chosen))


def densities(saes: pl.DataFrame, layer: int) -> None:
    """How often their features fire."""
    rows = query_run("compare_densities", layer=layer)
    if rows.is_empty():
        st.info("How often features fire was not measured.")
        return
    shown = some_of(saes, "densities")
    text = "On held-out cells. Far to the right, features fire nearly everywhere and say little about a gene or a cell."
    kept = rows.filter(pl.col("sae_id").is_in(shown["sae_id"].to_list()))
    show(density_steps(kept, names_of(shown)), text)


def training(saes: pl.DataFrame, layer: int) -> None:
    """How they trained, step by step."""
    points = query_run("compare_curves", layer=layer)
    if points.is_empty():
        st.info("No training curve was recorded.")
        return
    metric = st.selectbox("Metric", list(SAE_METRICS), format_func=SAE_METRICS.__getitem__)
    shown = points.filter((pl.col("metric") == metric) & (pl.col("split") == "heldout"))
    named_ones = some_of(saes, "training").select("sae_id", "name")
    figure = curves(shown.join(named_ones, on="sae_id", maintain_order="left"), SAE_METRICS[metric])
    show(figure, f"On a sample of {SPLITS['heldout']} cells, one line an autoencoder.")


def main() -> None:
    """The whole page."""
    st.title("Compare autoencoders")
    saes = named(query_run("compare_saes"))
    judged = saes.filter(pl.col("l0").is_not_null())
    if judged.is_empty():
        st.info(f"How many features are active at a position is {NOT_PUBLISHED}.")
        return
    layers = judged["layer"].unique().sort().to_list()
    counts = judged.group_by("layer").len().sort("len", "layer", descending=[True, False])
    layer = st.selectbox("Layer", layers, index=layers.index(counts["layer"][0]))
    of_layer = judged.filter(pl.col("layer") == layer)
    if of_layer.height == 1:
        st.caption(HOW)
    panels = st.tabs(["Quality and sparsity", "Shared features", "Densities", "Training", "All layers"])
    with panels[0]:
        trade_offs(of_layer)
    with panels[1]:
        overlap(of_layer, layer)
    with panels[2]:
        densities(of_layer, layer)
    with panels[3]:
        training(of_layer, layer)
    with panels[4]:
        text = "Autoencoders of every layer; held-out cells. A symbol a width, a dark ring for those described."
        show(trade_off(judged, "fvu", FIGURES["fvu"][0]), text, key="all-layers")


run_page(main)
