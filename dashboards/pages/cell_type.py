"""Cell type: the features that tell one type, or another label of cells, from the others. Deep link: ``?type=…``."""

import polars as pl
import streamlit as st

from dashboards.address import JOIN, addressed_choice
from dashboards.data import query_run
from dashboards.imported import PUBLISHED
from dashboards.links import feature_name, tab_title
from dashboards.page import Page, run_page
from dashboards.panel import sections
from dashboards.panels.cell_type import CHOSEN, EDGES, FEATURES, GENES, LAYERS, MODULES, chance_by_layer
from dashboards.panels.heat import BEST
from dashboards.text import counted, markdown

NOT_COMPARED = f"Cells were not compared here: the types are those of the published files. Evidence: {PUBLISHED}."


def head() -> bool:
    """The box, and the answer in words; False if features were held against no label."""
    st.title("Cell type")
    st.caption("How well features tell cells of one type, or with another label, from other cells that are like them.")
    choices = query_run("label_choices")
    if choices.is_empty():
        st.info("Features of this run were held against no labels of cells: name an obs column with cells.label.")
        return False
    counts = {(column, label): (n, cells) for column, label, n, cells in choices.iter_rows()}
    left, _ = st.columns([2, 1])
    with left:
        chosen = addressed_choice(
            "Label of the cells", "type", list(counts),
            lambda one: f"{JOIN.join(one)} ({counted(counts[one][0], 'feature')})", key="type_choice",
        )  # fmt: skip
    st.session_state[CHOSEN] = chosen
    st.set_page_config(page_title=tab_title(chosen[1]))
    st.markdown(answer(chosen[1], *counts[chosen]))
    return True


def answer(label: str, n_features: int, n_cells: int | None) -> str:
    """How well features of this run tell the label at all, in words, beside chance; Markdown."""
    layers, line = chance_by_layer()
    tested = layers.filter(pl.col("best_auroc").is_not_null())
    mark = "marks" if n_features == 1 else "mark"
    many = (
        f"{counted(n_features, 'feature', bold=True)} of {int(layers['n_alive'].sum()):,} {mark} **{markdown(label)}**"
    )
    if tested.is_empty():
        return f"{many}. {NOT_COMPARED}"
    best = tested.sort(pl.coalesce("best_low", "best_auroc"), descending=True).row(0, named=True)
    name = markdown(feature_name(best["layer"], best["best_feature"]))
    low = "" if best["best_low"] is None else f", at least {best['best_low']:.3f}"
    told = f"The best of them all, {name}, has an AUROC of **{best['best_auroc']:.3f}**{low}, in {n_cells:,} cells."
    beside = "" if line is None else (
        f" With labels shuffled, the best of as many features would reach about {line:.3f}: "
        f"{verdict(best['best_low'], line)}"
    )  # fmt: skip
    return f"{many}. {told}{beside}{beside_baselines(layers)}"


def beside_baselines(layers: pl.DataFrame) -> str:
    """What share of features marks any type, beside the best baseline, where that was measured; starts with a space."""
    known = layers.filter(pl.col("best_baseline").is_not_null() & pl.col("any_label").is_not_null())
    told = [
        f"in layer {row['layer']}, **{row['any_label']:.1%}** of features mark some type, "
        f"**{row['best_baseline']:.1%}** of {row['baseline'].replace('_', ' ')}"
        for row in known.iter_rows(named=True)
    ]
    return f" Baselines mark types as well: {'; '.join(told)}." if told else ""


def verdict(low: float | None, line: float) -> str:
    """What the best feature's lower bound says beside the line."""
    if low is None:
        return "how surely it lies above is not known, as there is no interval."
    if low > line:
        return "the features of this model tell this label."
    return "it is not sure that the features of this model tell this label better than chance would."


PAGE = Page(
    name="cell_type",
    title="Cell type",
    icon="bubble_chart",
    shows="one type or other label of cells: the features of every layer that tell it and the best that chance would "
    "give, a heat map, their genes, modules and edges, each beside what any features would have",
    head=head,
    panels=(FEATURES, BEST, LAYERS, GENES, MODULES, EDGES),
    arrange=sections,
    words=("feature", "AUROC", "null", "q", "module", "edge"),
)

if __name__ == "__main__":
    run_page(PAGE)
