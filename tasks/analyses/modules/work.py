"""The work of step ``modules``: groups of features that are active together, in one unit.

1. Take the features that fire in at least ``min_cells`` cells.
2. Join pairs of them by a rule (``graph``).
3. Find the communities of that graph, and how far they are from what its degrees give (``communities``).
4. Label them by the terms that their members carry (``labels``).

The number of modules depends on the resolutions: it describes the graph, not the model.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.modules.communities import Partition, partition
from tasks.analyses.modules.graph import Graph, join_features
from tasks.analyses.modules.labels import label_rows
from tasks.analyses.modules.step import ModulesSettings
from tasks.codes.reader import CodesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder

UNIT = "modules"
OUTSIDE = 0


def find_modules(settings: ModulesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Group the features of one layer's autoencoder. Raises RequestError if there are too many for the memory."""
    codes = CodesReader(inputs.folder("codes"))
    if not out.has(UNIT):
        described = StepFolder.open(inputs.folder("describe"))
        features = usable(described.read_table("feature"), settings.min_cells)
        graph = join_features(settings, inputs, codes, features)
        found = partition(graph, settings)
        annotation = described.read_table("annotation").filter("significant")
        tables = {
            "module": module_rows(graph, found, settings.rule),
            "module_feature": member_rows(graph, found.modules),
            "module_label": label_rows(features, found.modules, annotation, settings),
            "module_edge": edge_rows(graph),
        }
        with out.unit(UNIT) as shard:
            for table, frame in tables.items():
                shard.table(table, frame.select(pl.lit(codes.sae_id).alias("sae_id"), pl.all()))
    grouped = out.read_table("module")
    return {"sae_id": codes.sae_id, "n_modules": grouped.height, "n_grouped": int(grouped["n_features"].sum())}


def usable(feature: pl.DataFrame, min_cells: int) -> NDArray[np.int64]:
    """Features that fire in ``min_cells`` cells or more, ascending."""
    found: NDArray[np.int64] = (
        feature.filter(pl.col("n_cells_active") >= min_cells)["feature"].sort().to_numpy().astype(np.int64)
    )
    return found


def module_rows(graph: Graph, found: Partition, rule: str) -> pl.DataFrame:
    """Table ``module`` behind sae_id."""
    number = np.full(graph.features.size, OUTSIDE)
    for module, own in enumerate(found.modules, start=1):
        number[own] = module
    ends = number[graph.ends]
    inside = (ends[:, 0] == ends[:, 1]) & (ends[:, 0] != OUTSIDE)
    edges = np.bincount(ends[inside, 0], minlength=len(found.modules) + 1)[1:]
    weight = np.bincount(ends[inside, 0], graph.pairs["weight"].to_numpy()[inside], len(found.modules) + 1)[1:]
    columns: Mapping[str, object] = {
        "module": range(1, len(found.modules) + 1),
        "n_features": [len(own) for own in found.modules],
        "n_edges": edges,
        "mean_weight": np.divide(weight, edges, out=np.zeros(edges.size), where=edges > 0),
        "stability": pl.Series("stability", found.stability, dtype=pl.Float64),
    }
    return pl.DataFrame(columns).with_columns(
        modularity=pl.lit(found.modularity),
        null_modularity=pl.lit(found.null_modularity),
        rule=pl.lit(rule),
        null_sd=pl.lit(found.null_sd, pl.Float64),
        n_null=pl.lit(found.null.size, pl.UInt32),
    )


def member_rows(graph: Graph, modules: list[list[int]]) -> pl.DataFrame:
    """Table ``module_feature`` behind sae_id."""
    rows = [(number, feature) for number, own in enumerate(modules, start=1) for feature in graph.features[own]]
    return pl.DataFrame(rows, schema={"module": pl.UInt32, "feature": pl.UInt32}, orient="row")


def edge_rows(graph: Graph) -> pl.DataFrame:
    """Table ``module_edge`` behind sae_id."""
    ends = {name: graph.features[end] for name, end in zip(("feature_a", "feature_b"), graph.ends.T, strict=True)}
    return graph.pairs.select("correlation", "n_both", "expected", "z", "q", "pmi", "weight").select(
        *(pl.Series(name, values) for name, values in ends.items()), pl.all()
    )
