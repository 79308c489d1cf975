"""Modules: groups of features that are active in the same cells.

1. Take the features that fire in at least ``min_cells`` cells, and their cell-level mean activations.
2. Correlate them over cells (Pearson): features that merely fire everywhere do not correlate by that.
3. Join two features if r >= ``min_correlation``, with weight r.
4. Leiden (Traag et al. 2019, doi:10.1038/s41598-019-41695-z) on the Reichardt-Bornholdt configuration objective at
   resolution 1, run until nothing improves, seeded.
5. Communities of at least three features are modules, numbered from 1, largest first, ties by their first feature.
6. Labels of a module are the terms that more of its members carry (``annotation``, significant) than of as many
   features drawn from those of 1: hypergeometric tail, Benjamini-Hochberg over all modules and terms.

The correlation is not tested, and the number of modules depends on ``min_correlation`` and the resolution.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import igraph
import leidenalg
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.modules.step import ModulesSettings
from tasks.codes.axes import read_axes
from tasks.codes.firing_sums import cell_means, sum_firings
from tasks.codes.reader import CodesReader, Firings
from tasks.references.enrichment import MIN_OVERLAP, enrich, family_q
from tasks.references.tails import EvenTails
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.memory import require_memory

UNIT = "modules"
SMALLEST_MODULE = 3
CELL_BLOCK = 4096  # cells held densely at once
SQUARES = 6  # matrices [F, F] of 8 bytes that are alive at once


@dataclass(frozen=True)
class Graph:
    """The features that could be grouped, int64 [U], ascending, and the joined pairs of them.

    ``first`` < ``second`` int64 [E] index ``features``; ``correlation`` float64 [E].
    """

    features: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    correlation: NDArray[np.float64]


def find_modules(settings: ModulesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Group the features of one layer's autoencoder. Raises RequestError if there are too many for the memory."""
    codes = CodesReader(inputs.folder("codes"))
    if not out.has(UNIT):
        axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
        graph = join_features(cell_means(sum_firings(codes, axes, codes.n_features), axes), settings)
        modules = partition(graph, settings.seed)
        annotation = StepFolder.open(inputs.folder("describe")).read_table("annotation")
        tables = {
            "module": pl.DataFrame({"module": range(1, len(modules) + 1), "n_features": map(len, modules)}),
            "module_feature": member_rows(graph, modules),
            "module_label": label_rows(graph, modules, annotation.filter("significant"), settings),
            "module_edge": edge_rows(graph, count_both(codes, graph.features, codes.n_features)),
        }
        with out.unit(UNIT) as shard:
            for table, frame in tables.items():
                shard.table(table, frame.select(pl.lit(codes.sae_id).alias("sae_id"), pl.all()))
    grouped = out.read_table("module")
    return {"sae_id": codes.sae_id, "n_modules": grouped.height, "n_grouped": int(grouped["n_features"].sum())}


def join_features(means: csr_matrix, settings: ModulesSettings) -> Graph:
    """Steps 1 to 3; ``means`` [C, F] are cell-level mean activations."""
    features = np.flatnonzero(np.asarray(means.getnnz(axis=0)) >= settings.min_cells)
    require_memory(SQUARES * 8 * features.size**2, f"correlating {features.size} features", "raise modules.min_cells")
    r = np.triu(correlations(means[:, features]), k=1)
    first, second = np.nonzero(r >= settings.min_correlation)
    return Graph(features, first, second, r[first, second])


def correlations(means: csr_matrix) -> NDArray[np.float64]:
    """Pearson correlations of the columns, 0 where a column does not vary: [C, F] -> [F, F]."""
    n_cells, n_features = means.shape
    gram, total = np.zeros((n_features, n_features)), np.zeros(n_features)
    for start in range(0, n_cells, CELL_BLOCK):
        block = means[start : start + CELL_BLOCK].toarray()
        gram += block.T @ block
        total += block.sum(axis=0)
    covariance = gram - np.outer(total, total) / max(n_cells, 1)
    deviation = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    scale = np.outer(deviation, deviation)
    r: NDArray[np.float64] = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    return r


def partition(graph: Graph, seed: int) -> list[list[int]]:
    """Steps 4 and 5: members of every module, ascending, as indices of ``graph.features``; the largest first."""
    joined = igraph.Graph(n=graph.features.size, edges=np.column_stack([graph.first, graph.second]).tolist())
    communities = leidenalg.find_partition(
        joined,
        leidenalg.RBConfigurationVertexPartition,
        weights=graph.correlation.tolist(),
        n_iterations=-1,
        seed=seed,
    )
    large = [sorted(members) for members in communities if len(members) >= SMALLEST_MODULE]
    return sorted(large, key=lambda members: (-len(members), members[0]))


def count_both(codes: Iterable[Firings], features: NDArray[np.int64], n_features: int) -> NDArray[np.int64]:
    """Positions at which both of two ``features`` [U] fire: [U, U]. The diagonal holds the firings of each."""
    place = np.full(n_features, -1)
    place[features] = np.arange(features.size)
    both = np.zeros((features.size, features.size), dtype=np.int64)
    for chunk in codes:
        column = place[chunk.feature]
        kept = column >= 0
        if kept.any():
            row = chunk.position[kept] - chunk.position[0]
            shape = (int(row[-1]) + 1, features.size)
            fires = csr_matrix((np.ones(row.size, dtype=np.int32), (row, column[kept])), shape=shape)
            both += (fires.T @ fires).toarray()
    return both


def member_rows(graph: Graph, modules: list[list[int]]) -> pl.DataFrame:
    """Table ``module_feature`` behind sae_id."""
    rows = [(number, feature) for number, own in enumerate(modules, start=1) for feature in graph.features[own]]
    return pl.DataFrame(rows, schema={"module": pl.UInt32, "feature": pl.UInt32}, orient="row")


def edge_rows(graph: Graph, both: NDArray[np.int64]) -> pl.DataFrame:
    """Table ``module_edge`` behind sae_id; ``both`` [U, U] counts positions."""
    return pl.DataFrame(
        {
            "feature_a": graph.features[graph.first],
            "feature_b": graph.features[graph.second],
            "correlation": graph.correlation,
            "n_both": both[graph.first, graph.second],
        }
    )


def label_rows(
    graph: Graph, modules: list[list[int]], annotation: pl.DataFrame, settings: ModulesSettings
) -> pl.DataFrame:
    """Step 6: table ``module_label`` behind sae_id. ``annotation``: the terms that each feature carries."""
    place = pl.DataFrame({"feature": graph.features.astype(np.uint32), "place": np.arange(graph.features.size)})
    carried = annotation.join(place, on="feature")
    terms = carried.select("library", "term").unique().sort("library", "term").with_row_index("row")
    carried = carried.join(terms, on=["library", "term"])
    members = _incidence(carried["row"].to_numpy(), carried["place"].to_numpy(), (terms.height, place.height))
    module = np.repeat(np.arange(len(modules)), [len(own) for own in modules]).astype(np.int64)
    lists = _incidence(module, np.array([one for own in modules for one in own], int), (len(modules), place.height))
    null = EvenTails(members)
    tests = enrich(lists, members, null)
    expected = null.expected(np.diff(lists.indptr)[tests.row], tests.term)
    columns = {"module": tests.row + 1, "row": tests.term, "n_features": tests.overlap, "expected": expected}
    (q,) = family_q([tests])
    found = pl.DataFrame({**columns, "p": tests.p, "q": q}).with_columns(pl.col("row").cast(pl.UInt32))
    found = found.filter(pl.col("n_features") >= MIN_OVERLAP, pl.col("q") <= settings.alpha)
    ranked = found.sort("module", "p", "n_features", "row", descending=[False, False, True, False])
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1).over("module")).filter(
        pl.col("rank") <= settings.labels
    )
    named = ranked.join(terms, on="row", how="left", maintain_order="left")
    return named.select("module", "rank", pl.col("term").alias("label"), "n_features", "library", "expected", "p", "q")


def _incidence(row: NDArray[np.int64], column: NDArray[np.int64], shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((np.ones(row.size, dtype=np.int32), (row, column)), shape=shape)
