"""Rows of annotation and of its summary."""

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control, hypergeom

from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import MARKERS, World
from tests.builders.study_features import Layer

LIBRARIES = ["encode_tf", "go_bp", "reactome"]
N_NULL = 5


def gene_sets(world: World, seed: int) -> dict[str, dict[str, set[str]]]:
    """Per library one set a cell type (its markers and two more genes) and five random ones."""
    rng = np.random.default_rng([seed, 11])
    libraries: dict[str, dict[str, set[str]]] = {}
    for library in LIBRARIES:
        sets = {f"{kind} programme": {*genes, *rng.choice(world.symbols, 2)} for kind, genes in MARKERS.items()}
        sets |= {f"process {i}": set(rng.choice(world.symbols, 8, replace=False)) for i in range(5)}
        libraries[library] = sets
    return libraries


def enrich(genes: pl.DataFrame, sets: dict[str, set[str]], n_background: int) -> pl.DataFrame:
    """Hypergeometric tail of every feature-term pair, BH over all of them."""
    rows = []
    for (feature,), group in genes.group_by("feature", maintain_order=True):
        symbols = group["symbol"].to_list()
        for term, members in sets.items():
            shared = [s for s in symbols if s in members]
            rows.append((feature, term, len(shared), len(symbols), len(members), ",".join(shared)))
    columns = ["feature", "term", "n_overlap", "n_feature_genes", "n_set", "genes"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    k, n, m = (table[c].to_numpy() for c in ("n_overlap", "n_feature_genes", "n_set"))
    p = np.minimum(hypergeom.sf(k - 1, n_background, m, n), 1.0)
    q = np.maximum(false_discovery_control(p), p)
    table = table.with_columns(
        p=p, q=q, expected=n * m / n_background, fold=k * n_background / (n * m), n_background=pl.lit(n_background)
    )
    significant = (pl.col("q") <= 0.05) & (pl.col("n_overlap") >= 2)
    return table.with_columns(significant=significant, represented_by=pl.lit(None, pl.String))


def annotation_rows(world: World, layer: Layer, genes: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """annotation and annotation_summary of one autoencoder."""
    libraries = gene_sets(world, seed)
    tested = [_tested(genes, library, sets, len(world.symbols)) for library, sets in libraries.items()]
    every = pl.concat(tested).sort("feature", "q", "p", "library", "term").with_columns(sae_id=pl.lit(layer.sae_id))
    best = pl.int_range(pl.len()).over("feature", "library") < 5
    kept = every.filter((pl.col("n_overlap") > 0) & ((pl.col("q") <= 0.05) | best))
    rng = np.random.default_rng([seed, layer.layer, 13])
    nulls = [_shuffled(genes, world.symbols, rng) for _ in range(N_NULL)]
    summary = []
    for library in [*libraries, "all"]:
        chosen = libraries if library == "all" else {library: libraries[library]}
        draws = [_annotated(null, chosen, len(world.symbols)) for null in nulls]
        summary.append(_summary_row(layer.sae_id, library, genes, chosen, len(world.symbols), draws=draws))
    summary += [{**row, "rule": "published"} for row in summary]
    return contract_frame("annotation", kept), contract_frame("annotation_summary", summary)


def _tested(genes: pl.DataFrame, library: str, sets: dict[str, set[str]], n_background: int) -> pl.DataFrame:
    return enrich(genes, sets, n_background).with_columns(library=pl.lit(library))


def _shuffled(genes: pl.DataFrame, symbols: list[str], rng: np.random.Generator) -> pl.DataFrame:
    sizes = genes.group_by("feature", maintain_order=True).len()
    drawn = [rng.choice(symbols, n, replace=False).tolist() for n in sizes["len"]]
    return pl.DataFrame({"feature": sizes["feature"], "symbol": drawn}).explode("symbol")


def _annotated(genes: pl.DataFrame, libraries: dict[str, dict[str, set[str]]], n_background: int) -> int:
    hits = [enrich(genes, sets, n_background).filter("significant")["feature"] for sets in libraries.values()]
    return int(pl.concat(hits).n_unique())


def _summary_row(
    sae_id: str,
    library: str,
    genes: pl.DataFrame,
    libraries: dict[str, dict[str, set[str]]],
    n_background: int,
    *,
    draws: list[int],
) -> dict[str, object]:
    n_features = genes["feature"].n_unique()
    n_terms = sum(len(sets) for sets in libraries.values())
    n_annotated = _annotated(genes, libraries, n_background)
    fractions = np.array(draws) / n_features
    return {
        "sae_id": sae_id,
        "library": library,
        "n_features": n_features,
        "n_terms": n_terms,
        "n_tests": n_features * n_terms,
        "n_background": n_background,
        "n_annotated": n_annotated,
        "annotated_fraction": n_annotated / n_features,
        "null_mean": float(fractions.mean()),
        "null_sd": float(fractions.std(ddof=1)),
        "null_max": float(fractions.max()),
        "n_null": len(draws),
        "rule": "default",
    }
