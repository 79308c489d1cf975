"""A graph in the format that circuit-tracer's and Neuronpedia's viewers of attribution graphs open.

The format (circuit_tracer/frontend/graph_models.py; Neuronpedia's graph-schema.json) was made for one prompt of a
language model: nodes are features at a position, weights are attributions that add up to what a node received. Here an
edge is the total or direct effect of a feature on another over many cells, and **a total effect is not an
attribution**: effects on a target do not add up to its activation, and paths over other features are part of them.

Honest here: node_id, feature, layer and jsNodeId (layer and number); clerp (the feature's name); links (one per edge);
pinnedIds and supernodes. ``weight`` is Hedges' g, with the sign that the source supports the target (+) or holds it
down (-): an ablation that lowers the target has a positive weight. Of resampled activations the sign is unknown, and
the weight is |g|. Each link keeps g, q, n_cells and rule beside it.

Filled in since viewers ask for it: ctx_idx, prompt and prompt_tokens (there is no prompt: one place that stands for all
cells); feature_type (the name by which viewers draw a feature; these are of sparse autoencoders, no transcoders).

Left out: influence and node_threshold (shares of an output's attribution, by which viewers prune), activation (of one
prompt), token_prob, embedding, error and logit nodes.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.export.contents import Contents
from warehouse.export.graphs import graph_of
from warehouse.supernodes import gathered

PLACE = "all cells"  # the one place that nodes stand at
DRAWN_AS = "cross layer transcoder"
MEANING = (
    "Effects of switching features of sparse autoencoders off, over many cells of a single-cell model. Weights are "
    "Hedges' g of {effect} effects, positive where the source supports the target; they are no attributions and do not "
    "add up."
)


def write_circuit_tracer(contents: Contents, path: Path) -> None:
    """Write metadata, qParams, nodes and links."""
    nodes, ends, edges = graph_of(contents)
    ids = [f"{layer}_{feature}_0" for layer, feature in nodes.select("layer", "feature").iter_rows()]
    if len(set(ids)) < len(ids):  # several autoencoders of one layer: the format has no name for them
        ids = [f"{node_id}_{sae_id}" for node_id, sae_id in zip(ids, nodes["sae_id"], strict=True)]
    pinned = [contents.features["name"][row] for row in contents.pinned()]
    named = dict(zip(nodes["name"], ids, strict=True))
    told = {
        "metadata": _metadata(contents, nodes),
        "qParams": {
            "pinnedIds": [named[name] for name in pinned],
            "supernodes": _supernodes(contents, nodes.with_columns(node=pl.Series(ids)), pinned),
            "linkType": "both",
            "clickedId": named[pinned[0]] if pinned else "",
            "sg_pos": "",
        },
        "nodes": [_node(node, node_id) for node, node_id in zip(nodes.iter_rows(named=True), ids, strict=True)],
        "links": [
            {"source": ids[source], "target": ids[target], "weight": _weight(edge["g"], contents.change),
             **{name: edge[name] for name in ("g", "q", "n_cells")}, "rule": contents.rule}
            for (source, target), edge in zip(ends, edges.iter_rows(named=True), strict=True)
        ],
    }  # fmt: skip
    path.write_text(json.dumps(told))


def _metadata(contents: Contents, nodes: pl.DataFrame) -> dict[str, Any]:
    run = contents.run
    around = contents.part.around if contents.part else None
    settings: dict[str, Any] = {"rule": contents.rule, "effect": contents.effect}
    if around:
        settings |= {"hops": around.hops, "way": around.way, "per_feature": around.per_feature, "least": around.least}
    return {
        "slug": f"{run['study']}-{run['run_id']}",
        "scan": f"scfm-atlas-{run['run_id']}",
        "transcoder_list": nodes["sae_id"].unique(maintain_order=True).to_list(),
        "prompt_tokens": [PLACE],
        "prompt": PLACE,
        "schema_version": 1,
        "info": {
            "description": f"{MEANING.format(effect=contents.effect)} {contents.left_out}".rstrip(),
            "creator_name": str(run["title"]),
            "generator": {"name": "scfm-atlas"},
        },
        "generation_settings": settings,
    }


def _node(node: dict[str, Any], node_id: str) -> dict[str, Any]:
    layer, feature = int(node["layer"]), int(node["feature"])
    label = node["stands_for"] or node["top_genes"] or "unnamed"
    return {
        "node_id": node_id,
        "feature": (layer + feature) * (layer + feature + 1) // 2 + feature,  # Cantor's number of the pair, as there
        "layer": str(layer),
        "ctx_idx": 0,
        "feature_type": DRAWN_AS,
        "is_target_logit": False,
        "run_idx": 0,
        "reverse_ctx_idx": 0,
        "jsNodeId": f"{node_id.removesuffix('_0')}-0",
        "clerp": f"{node['name']} {label}",
        "sae_id": node["sae_id"],
        "top_genes": node["top_genes"],
        "top_cell_type": node["top_cell_type"],
    }


def _supernodes(contents: Contents, nodes: pl.DataFrame, pinned: list[str]) -> list[list[str]]:
    """Name and members of every super-node."""
    by = contents.part.group if contents.part else None
    empty = nodes.with_columns(  # where graph files know no NULL
        pl.col(pl.String).replace("", None), module=pl.when(pl.col("module") >= 0).then("module")
    )
    grouped = gathered(empty.with_columns(pinned=pl.col("name").is_in(pinned)), by)
    groups = grouped.filter(pl.col("group").is_not_null()).partition_by("within", maintain_order=True)
    return [[group["within"][0], *group["node"]] for group in groups]


def _weight(g: float, change: tuple[str, float | None] | None) -> float:
    """g by whether the source supports its target; see above."""
    ablation, multiplier = change or ("zero", None)
    if ablation == "resample":
        return abs(g)
    return g if multiplier is not None and multiplier > 1 else -g
