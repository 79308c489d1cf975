"""Effects beside co-expression, source by source: sums for ``regression``, and the curve of table edge_coexpression.

Rules, by the co-expression that is taken and the pairs that are looked at:

partial    given depth and cell type, all tested pairs
marginal   as it is, all tested pairs
disjoint   partial, pairs whose features list no gene in common
edges      partial, pairs that the published rule calls: what a threshold leaves of the range
published  the largest |r|, 1 for a gene that both list; pairs that the published rule calls; |d| for |g|
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.stability.expression import Expression, FeaturePairs, Genes
from tasks.analyses.stability.regression import N_SUMS, sums
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import Rule

Floats = NDArray[np.float64]
Row = dict[str, Any]
RULES = ("partial", "marginal", "disjoint", "edges", "published")
CURVES = ("partial", "disjoint", "edges")
WIDTH, N_BINS = 0.01, 100  # bins of co-expression
AT_ONCE = 64  # sources


@dataclass
class Beside:
    """What is collected while edge_stat passes: sums by rule, target layer and source; bins [N_BINS, 4] of curves."""

    genes: Genes
    expression: Expression
    source_layer: int
    published: Rule
    sums: dict[tuple[str, int], dict[int, Floats]] = field(default_factory=dict)
    bins: dict[tuple[str, int], Floats] = field(default_factory=dict)

    def take(self, stat: pl.DataFrame) -> None:
        """Count rows of edge_stat (STAT_COLUMNS) of some sources."""
        numbered = stat.with_row_index("row")
        edges = called(numbered, self.published)["row"]
        marked = numbered.with_columns(edge=pl.col("row").is_in(edges.implode()))
        for (layer,), own in marked.sort("source_feature").group_by("target_layer", maintain_order=True):
            features = own["source_feature"].unique(maintain_order=True).to_list()
            for start in range(0, len(features), AT_ONCE):
                some = features[start : start + AT_ONCE]
                self._block(int(str(layer)), some, own.filter(pl.col("source_feature").is_in(some)))

    def _block(self, layer: int, features: list[int], stat: pl.DataFrame) -> None:
        pairs = FeaturePairs(self.genes.lists[self.source_layer], self.genes.lists[layer])
        rows = np.array(features, dtype=np.int64)
        shared = pairs.shared(rows)
        tables = {kind: pairs.mean(rows, getattr(self.expression, kind)) for kind in ("partial", "marginal")}
        by_source = stat.partition_by("source_feature", as_dict=True)
        for place, feature in enumerate(features):
            own = by_source[(feature,)]
            target, edge = own["target_feature"].to_numpy().astype(np.int64), own["edge"].to_numpy()
            g, d = (own[name].abs().to_numpy().astype(np.float64) for name in ("g", "d"))
            partial, marginal = (tables[kind][place, target] for kind in ("partial", "marginal"))
            apart = shared[place, target] == 0
            largest = pairs.largest(feature, target[edge], self.expression.marginal)
            looked_at = {
                "partial": (partial, g), "marginal": (marginal, g), "disjoint": (partial[apart], g[apart]),
                "edges": (partial[edge], g[edge]), "published": (largest, d[edge]),
            }  # fmt: skip
            for rule, (x, y) in looked_at.items():
                known = self.sums.setdefault((rule, layer), {})
                known[feature] = known.get(feature, np.zeros(N_SUMS)) + sums(x, y)
                if rule in CURVES:
                    self.bins[rule, layer] = self.bins.get((rule, layer), np.zeros((N_BINS, 4))) + binned(x, y)

    def curve_rows(self, rule: str, layer: int) -> Iterator[Row]:
        """Columns low to sd of table ``edge_coexpression``; bins without pairs have no row."""
        for place, (n, x, y, yy) in enumerate(self.bins.get((rule, layer), np.zeros((0, 4)))):
            if n:
                spread = np.sqrt(max(yy - y * y / n, 0.0) / (n - 1)) if n > 1 else None
                found = {"n_pairs": int(n), "coexpression": float(x / n), "mean_abs_g": float(y / n)}
                yield {"low": place * WIDTH, **found, "sd": None if spread is None else float(spread)}


def binned(x: Floats, y: Floats) -> Floats:
    """Number of pairs, sums of x, y and y^2 in every bin of x: [N_BINS, 4]."""
    known = np.isfinite(x)
    a, b = x[known], y[known]
    place = np.minimum((a / WIDTH).astype(np.int64), N_BINS - 1)
    return np.column_stack([np.bincount(place, each, N_BINS) for each in (np.ones_like(a), a, b, b * b)])


def read_stat(path: Path, effect: str, sources: list[int]) -> pl.DataFrame:
    """STAT_COLUMNS of a shard of edge_stat, of one effect and of ``sources``."""
    chosen = pl.col("effect") == effect, pl.col("source_feature").is_in(sources)
    return pl.scan_parquet(path, glob=False).filter(*chosen).select(STAT_COLUMNS).collect()
