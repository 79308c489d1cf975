"""``layer_LL_annotations.json``: what each annotated feature's genes are enriched in, and twenty genes of each.

The column ``p`` of the file holds two things: the corrected p-value of a tested gene set, and for gene networks the
density of edges among the genes. They go to tables of their own.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, odds, read_file

NETWORKS = {"STRING_edges": "STRING", "TRRUST_edges": "TRRUST"}
BELOW_RESOLUTION = 5e-7  # p-values above 1e-10 were rounded to 6 decimals: a 0 is anything below this
ALPHA = 0.05
LIBRARIES = ("GO_BP", "KEGG", "Reactome", "TRRUST_TF_enrichment")  # with a p-value; the rest are densities
TESTED = (  # what _tested gives
    "sae_id feature library term n_overlap n_feature_genes q significant genes"
    " odds_ratio odds_ratio_infinite q_below_resolution ordinal"
)
Genes = dict[int, list[tuple[str, float, int | None]]]


@dataclass(frozen=True)
class Annotations:
    """Tables annotation and feature_network_density of a layer; genes by feature as (symbol, mean, firings)."""

    tables: Tables
    genes: Genes

    @property
    def labels(self) -> pl.DataFrame:
        """The best annotation of every feature: smallest q, then largest overlap, then first in the list."""
        ranked = self.tables["annotation"].sort("q", "n_overlap", "ordinal", descending=[False, True, False])
        best = ranked.unique("feature", keep="first", maintain_order=True)
        return best.select("feature", label="term", label_library="library", label_q="q")


def read_annotations(atlas: Atlas, layer: int) -> Annotations | None:
    """The annotations of a layer, None if its file is missing."""
    path = atlas.path("annotations", layer)
    if path is None:
        return None
    tested: list[tuple[Any, ...]] = []
    densities: list[tuple[Any, ...]] = []
    genes: Genes = {}
    sae_id = atlas.sae_id(layer)
    with read_file(path) as raw:
        for name, entry in raw.items():
            feature = _index(name, atlas.summary.n_features)
            genes[feature] = [(gene["n"], gene["a"], gene["fc"]) for gene in entry["genes"]]
            for ordinal, one in enumerate(entry["anns"]):
                if one["o"] in NETWORKS:
                    densities.append((sae_id, feature, NETWORKS[one["o"]], one["p"], ordinal))
                else:
                    tested.append(_tested(sae_id, feature, one, len(entry["genes"]), ordinal))
        density = frame_of("feature_network_density", "sae_id feature network density ordinal", densities)
        tables = {"annotation": frame_of("annotation", TESTED, tested), "feature_network_density": density}
    return Annotations(tables, genes)


def _index(name: str, n_features: int) -> int:
    if not name.isdecimal() or int(name) >= n_features:
        raise ValueError(f"no feature {name}: the layer has features 0 to {n_features - 1}")
    return int(name)


def _tested(sae_id: str, feature: int, one: dict[str, Any], n_genes: int, ordinal: int) -> tuple[Any, ...]:
    q, below = (BELOW_RESOLUTION, True) if one["p"] == 0 else (one["p"], False)
    if one["o"] not in LIBRARIES:
        raise ValueError(f"unknown ontology {one['o']!r} at feature {feature}")
    words = ", ".join(one["g"])
    known = (sae_id, feature, one["o"], one["t"], one["n"], n_genes)
    return (*known, q, q <= ALPHA, words, *odds(one["or"]), below, ordinal)
