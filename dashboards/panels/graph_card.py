"""The card of a feature beside the graph, and files of what the graph shows."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import streamlit as st

import warehouse
from dashboards.address import touched
from dashboards.circuit_choice import CircuitChoice
from dashboards.data import chosen_run, query_run
from dashboards.graph_choice import GROWN, PINNED, GraphChoice, with_name
from dashboards.layout import described_table
from dashboards.links import feature_address, link_column, link_to_feature
from dashboards.panels.feature_edges import feature_edges
from dashboards.text import markdown
from warehouse.neighbourhood import Feature, Part

N_EDGES = 6  # each way
FILES = {  # ending and layout by what the button says
    "JSON for circuit-tracer": (".json", "circuit-tracer"),
    "GraphML": (".graphml", "node-link"),
    "JSON, node-link": (".json", "node-link"),
}


def card(feature: Feature, node: str, choice: CircuitChoice, asked: GraphChoice, nodes: pl.DataFrame) -> None:
    """Name, evidence, genes and strongest edges of a feature, and buttons that let the graph grow from it."""
    sae_id, number = feature
    about = nodes.row(by_predicate=pl.col("node") == node, named=True)
    st.markdown(f"**{markdown(node)} · {markdown(about['name'] or 'unnamed')}**")
    evidence = f"{markdown(about['evidence'])}. " if about["evidence"] else ""
    genes, cell_type, term = (markdown(about[one] or "none") for one in ("top_genes", "top_cell_type", "label"))
    st.caption(
        f"{evidence}Top genes: {genes}. Cell type: {cell_type}. Gene set: {term}. By the rule {choice.rule}, "
        f"{about['n_out']:,} edges leave it and {about['n_in']:,} reach it."
    )
    _buttons(feature, node, asked, nodes)
    link_to_feature(sae_id, about["layer"], number)
    _beside_random(feature, choice.effect)
    for own, other, title in (("source", "target", "acts on"), ("target", "source", "answers to")):
        ends = {f"{own}_sae": sae_id, f"{own}_feature": number}
        rows = feature_edges(choice.effect, choice.rule, N_EDGES, **ends)
        if not rows.is_empty():
            shown = rows.with_columns(page=feature_address(f"{other}_"))
            shown = shown.select("page", "g", pl.col(f"{other}_genes").alias("top_genes"), "q")
            caption = f"Features that it {title}: the strongest {rows.height} of {rows['n_matching'][0]:,}."
            described_table(shown, caption, of=("edge_stat", "feature"), links={"page": link_column("feature")})


def _buttons(feature: Feature, node: str, asked: GraphChoice, nodes: pl.DataFrame) -> None:
    """Pin it or not, and go one hop further from it or not; both stand in the boxes above and in the address."""
    names = {(sae_id, one): name for sae_id, one, name in nodes.select("sae_id", "feature", "node").iter_rows()}
    around = asked.around
    kinds = (
        (PINNED, around.pinned, "Pin", "Unpin", ":material/push_pin:"),
        (GROWN, around.grown, "Grow from here", "Do not grow", ":material/account_tree:"),
    )
    for parameter, held, take, leave, icon in kinds:
        listed = [names[one] for one in held if one in names]
        inside = feature in held
        st.button(
            leave if inside else take, icon=icon, key=f"graph_{parameter}", on_click=with_name,
            args=(parameter, listed, node, not inside), width="stretch",
        )  # fmt: skip


def _beside_random(feature: Feature, effect: str) -> None:
    """What a random direction does in the place of this feature, where that was measured."""
    rows = query_run("feature_controls", sae_id=feature[0], feature=feature[1])
    found = rows.filter(effect=effect, control="random_direction")
    if not found.is_empty() and found["edge_ratio"][0] is not None:
        st.caption(
            f"A random direction of the same size makes {found['edge_ratio'][0]:.2f} times as many edges "
            f"({found['n_edges'][0]:,}) and {found['effect_ratio'][0]:.2f} times the mean effect."
        )


def downloads(choice: CircuitChoice, asked: GraphChoice) -> None:
    """The graph as files for other programs; each is written once its button is pressed, outside of the page's run."""
    run_id = chosen_run()
    for place, (title, (ending, layout)) in zip(st.columns(len(FILES)), FILES.items(), strict=True):
        place.download_button(
            title,
            partial(written, run_id, choice, asked, ending, layout),
            f"graph_{run_id}{ending}",
            icon=":material/download:",
            key=f"graph_{layout}{ending}",
            on_click=touched,
            width="stretch",
        )
    st.caption("Files hold the features and edges that are shown, with their names; so does `scfm export --around`.")


def written(run_id: str, choice: CircuitChoice, asked: GraphChoice, ending: str, layout: str) -> bytes:
    """The file that ``scfm export`` writes of the same part."""
    part = Part(around=asked.around, group=asked.group)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"graph{ending}"
        warehouse.export_run(path, None, run_id, choice.rule, choice.effect, part=part, layout=layout)
        return path.read_bytes()
