"""Rows of the four tables, for one rule."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.unannotated.consensus import Consensus, Term
from tasks.analyses.unannotated.guilt import guilt
from tasks.analyses.unannotated.rules import Clustered, Listed

Rows = list[dict[str, Any]]


def summary_row(rule: str, own: Listed, found: Clustered, module: pl.DataFrame | None) -> dict[str, Any]:
    """The row of ``novel_summary`` behind sae_id; ``module``: table ``module_feature``, None if none were made."""
    unannotated = own.about.filter(~pl.col("annotated"))
    annotated = own.about.filter("annotated")
    n_clustered = sum(map(len, found.members))
    share = max(unannotated.height, 1)
    return {
        "n_annotated": annotated.height,
        "n_unannotated": unannotated.height,
        "n_clusters": len(found.members),
        "n_features_in_clusters": n_clustered,
        "in_clusters_fraction": n_clustered / share,
        "annotated_mean_frequency": _mean(annotated),
        "unannotated_mean_frequency": _mean(unannotated),
        "rule": rule,
        **_guilt(own, module, share),
    }


def _guilt(own: Listed, module: pl.DataFrame | None, share: int) -> dict[str, Any]:
    if module is None:
        return {"n_guilt_by_association": None, "with_module_fraction": None, "expected_guilt": None}
    grouped = module.join(own.about.select("feature", "annotated"), on="feature").sort("module", "feature")
    found = guilt(grouped["module"].to_numpy().astype(np.int64), grouped["annotated"].to_numpy())
    return {
        "n_guilt_by_association": found.n_guilty,
        "with_module_fraction": found.n_in_modules / share,
        "expected_guilt": found.expected,
    }


def cluster_rows(
    rule: str, own: Listed, found: Clustered, shared: Sequence[Consensus], terms: Sequence[Term], first: int
) -> tuple[Rows, Rows, Rows]:
    """Rows of ``novel_cluster``, ``_feature`` and ``_gene`` behind sae_id; clusters are numbered from ``first``."""
    frequency = dict(own.about.select("feature", "frequency").iter_rows())
    clusters: Rows = []
    features: Rows = []
    genes: Rows = []
    for place, (members, common, term) in enumerate(zip(found.members, shared, terms, strict=True)):
        number, names = first + place, own.feature[members].tolist()
        library, name, term_q = term or (None, None, None)
        clusters.append(
            {
                "cluster": number,
                "n_features": len(members),
                "n_unique_genes": common.n_unique,
                "n_consensus_genes": common.n_genes,
                "mean_jaccard": found.mean_jaccard[place],
                "mean_frequency": float(np.mean([frequency[feature] for feature in names])),
                "rule": rule,
                "null_size": found.null_size,
                "q": found.q[place],
                "library": library,
                "term": name,
                "term_q": term_q,
            }
        )
        features += [{"cluster": number, "feature": feature} for feature in names]
        genes += [
            {"cluster": number, "rank": rank, "symbol": own.symbols[gene]}
            for rank, gene in enumerate(common.genes, start=1)
        ]
    return clusters, features, genes


def _mean(features: pl.DataFrame) -> float:
    return float(features["frequency"].sum() / max(features.height, 1))
