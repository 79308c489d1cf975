"""Panels of one feature's cells: whole cells gene by gene, activation by cell type, the map of cells."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboards.charts.contexts import fired_cells, quantile_boxes
from dashboards.layout import filled
from dashboards.links import cell_link
from dashboards.panel import Panel
from dashboards.panels.feature import of_feature
from dashboards.strips import scale_html, strip_html, strips_html
from dashboards.style import show

PARTS = {
    "top": "Cells in which it is most active",
    "middle": "Cells in the middle of those in which it fires",
    "low": "Cells in which it fires least",
}


def contexts() -> None:
    """Strips of whole cells under three headings."""
    strips = of_feature("feature_strips")
    if not filled(strips, "The feature never fires."):
        return
    genes = of_feature("feature_strip_genes").partition_by("cell_id", as_dict=True)
    highest = float(strips["maximum"].max())  # type: ignore[arg-type]
    parts = [scale_html(highest)]
    heading = ""
    for row in strips.iter_rows(named=True):
        if row["part"] != heading:
            heading = row["part"]
            parts.append(f"<p><strong>{PARTS[heading]}</strong></p>")
        parts += [_about(row), strip_html(genes[row["cell_id"],], highest, row["n_tokens"])]
    st.html(strips_html(parts))
    cut = strips.filter(pl.col("n_firings") > pl.Series([_n_kept(genes, cell) for cell in strips["cell_id"]]))
    more = f" In {cut.height} of these cells it fires on more genes than are kept." if cut.height else ""
    st.caption(
        "Each strip is a whole cell: the genes that the model reads, in its order, one box each. The colour is the "
        "feature's activation; the strongest genes are written out, and the others are named where the pointer rests. "
        f"Pale boxes are special tokens and genes at which no activation was kept.{more}"
    )


def _n_kept(genes: dict[tuple[Any, ...], pl.DataFrame], cell: int) -> int:
    return int(genes[cell,]["activation"].count())


def _about(row: dict[str, Any]) -> str:
    """The line above a strip."""
    words = [row["label"] or "no type", *([row["about"]] if row["about"] else [])]
    genes = "one gene" if row["n_firings"] == 1 else f"{row['n_firings']:,} genes"
    figures = f"largest {row['maximum']:.3g}, fires on {genes}, cell {row['rank']:,} of "
    return (
        f'<p><a class="scfm-cell" href="{escape(cell_link(row["cell_id"]))}">{escape(row["barcode"])}</a> · '
        f"{escape(' · '.join(words))} · {figures}{row['n_active']:,}</p>"
    )


def by_type() -> None:
    """Boxes of the cells' mean activations."""
    rows = of_feature("feature_quantiles")
    if filled(rows, "The feature never fires."):
        text = (
            "How active it is in the cells of each type (n: how many), highest median first, beside all cells. Boxes "
            "hold the middle half of the cells, whiskers reach from 5 to 95 %, and the mark is the highest cell. Cells "
            "of any length are drawn, and types of short cells stand higher for that alone: the test, among cells of "
            "the same length, is under Cell types."
        )
        show(quantile_boxes(rows), text)


def cell_map() -> None:
    """All cells by the model's own states, in the colour of what is known of the feature there."""
    cells = of_feature("feature_cell_map")
    known = cells["mean"].count()
    n_active = of_feature("feature")["n_cells_active"][0] or 0
    grey = (
        "It fires in no grey cell."
        if known >= n_active
        else f"It fires in {n_active:,} cells. The strongest of them and a few others are kept, {known:,} on this map. "
        "In grey cells it may fire less, or not at all."
    )
    text = (
        "Cells lie near each other where the model's states of them are alike (UMAP of each cell's mean output of the "
        f"last kept layer; distances between far groups say little). {grey}"
    )
    show(fired_cells(cells), text)


CONTEXTS = Panel("Contexts", ("feature_cell",), contexts, also=("feature_context", "cell_token"))
BY_TYPE = Panel("By cell type", ("feature_label_quantile",), by_type)
CELL_MAP = Panel("On the map of cells", ("cell_map",), cell_map)
