"""Panels of edges: which there are, and which features have many."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, addressed_number, addressed_toggle
from dashboards.charts.circuits import FREQUENCY, POSITIONS, degree_scatter
from dashboards.circuit_choice import chosen_circuits, traced_saes
from dashboards.data import query_run
from dashboards.filters import layer_choice
from dashboards.layout import filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.feature_edges import NO_ENDS, chosen_row, show_cells
from dashboards.run_tables import has_rows
from dashboards.style import show
from dashboards.tables import show_table

N_ROWS = 500
NO_EDGE = "No edge passes: lower |g|, raise q, choose another rule, or trace more cells (trace.n_cells)."
NO_SPECIFIC_EDGE = (
    "No edge passes. If the calibrated rule has edges here and this one has none, displacements of the same size do as "
    "much to their targets as the features themselves: see the tab Controls."
)
NO_DEGREE = "No feature has an edge under this rule: choose another, or trace more cells (trace.n_cells)."
SIGN_VALUES = {"either": None, "target falls (-)": -1, "target rises (+)": 1}


def edge_filters() -> dict[str, object]:
    """What the boxes above the edges ask for, as parameters of query ``edges``."""
    columns = st.columns(4)
    with columns[0]:
        target_sae = layer_choice(traced_saes(), "target", "Target layer")
    help_of_sign = "What the change of the source does to the target"
    sign = addressed_choice("Sign", "sign", list(SIGN_VALUES), place=columns[1].selectbox, help=help_of_sign)
    help_of_g = "Effect size: mean over standard deviation of cells"
    least = addressed_number("Minimum |g|", "g", columns[2], (0.0, 100.0, 0.0), step=0.1, help=help_of_g)
    help_of_q = "Share of false edges tolerated among those shown"
    largest = addressed_number("Maximum q", "q", columns[3], (0.0, 1.0, 1.0), step=0.01, help=help_of_q)
    return {"target_sae": target_sae, "sign": SIGN_VALUES[sign], "min_effect": least, "max_q": largest}


def edge_table() -> None:
    """Filtered edges, and the cells behind the chosen one."""
    choice = chosen_circuits()
    if choice.rule == "measured":
        st.info("Every measured pair is listed for one feature at a time: see its page.")
        return
    asked = NO_ENDS | choice.ends | edge_filters()
    frame = strongest_edges(criterion=choice.rule, **asked)
    if not filled(frame, NO_SPECIFIC_EDGE if choice.rule == "specific" else NO_EDGE):
        return
    st.write(f"**{frame['n_matching'][0]:,}** edges; the strongest {frame.height} by |g|. Tick a row to see its cells.")
    columns = [
        "source",
        "source_genes",
        "target",
        "target_genes",
        "g",
        "d",
        "mean",
        "n_cells",
        "n_pos",
        "n_neg",
        "p",
        "q",
        *(["excess", "q_specific"] if frame["excess"].count() else []),
    ]
    columns += ["carried_on"] if frame["carried_on"].count() else []
    ends = {"source": feature_address("source_"), "target": feature_address("target_")}
    shown = frame.with_columns(**ends).select(columns)
    links = {"source": link_column("source"), "target": link_column("target")}
    chosen = chosen_row(shown, links, key="circuit_edges", height=380)
    show_cells(frame.row(chosen, named=True), "circuit_cells")


def strongest_edges(**asked: object) -> pl.DataFrame:
    """The strongest edges; if the reader asks for it, those left out that join one direction in two layers.

    There are no more of these than pairs of features that are one direction, so as many more edges are fetched.
    """
    if not has_rows("feature_life"):
        return query_run("edges", n_rows=N_ROWS, **asked)
    meaning = "Leaves out edges whose ends are one direction, found again from layer to layer"
    if not addressed_toggle("Leave out carried-on features", "leave_out", st, help=meaning):
        return query_run("edges", n_rows=N_ROWS, **asked)
    n_pairs = int(query_run("carried_pairs")["n_pairs"][0])
    frame = query_run("edges", n_rows=N_ROWS + n_pairs, **asked)
    return frame.filter(~pl.col("carried_on").fill_null(value=False)).head(N_ROWS)


def hubs() -> None:
    """Degrees beside firing frequency and number of active positions."""
    choice = chosen_circuits()
    if choice.rule == "measured":
        st.info("Degrees count edges: choose another rule.")
        return
    words = {"out": "edges leaving", "in": "edges reaching"}
    direction = addressed_choice("Direction", "direction", list(words), words.__getitem__, st.radio, horizontal=True)
    sae_id = choice.source_sae if direction == "out" else None
    asked = {"effect": choice.effect, "criterion": choice.rule, "direction": direction, "sae_id": sae_id}
    frame = query_run("degree_frequency", **asked)
    if not filled(frame, "No degrees for this choice."):
        return
    if not frame["degree"].max():
        st.info(NO_DEGREE)
        return
    sources = frame.filter(pl.col("n_positions").is_not_null())
    left, right = st.columns(2)
    with left:
        text = "features that fire often are measured in more cells and reach more: a high degree alone makes no hub."
        show(degree_scatter(frame, direction, FREQUENCY), _with_rho(frame["rho_frequency"][0], text))
    with right:
        text = "the more positions are displaced, the larger the change. Features that were ablated only."
        if not sources.is_empty():
            show(degree_scatter(sources, direction, POSITIONS), _with_rho(frame["rho_positions"][0], text))
    shown = frame.head(100).with_columns(page=feature_address())
    columns = ("page", "degree", "frequency", "n_positions", "top_genes", "label")
    of = ("feature_degree", "feature", "trace_pair")
    show_table(shown.select(columns), {"page": link_column("feature")}, of=of, height=380)


def _with_rho(rho: float | None, text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" if rho is None else f"Spearman rho {rho:.2f}: {text}"


EDGES = Panel("Edges", ("feature_degree", "edge_stat"), edge_table, also=("edge", "effect_cell", "criterion"))
HUBS = Panel("Hubs", ("feature_degree",), hubs, also=("trace_pair",))
