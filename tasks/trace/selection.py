"""Which of the features that could be traced are: all, or some by rank, by lot, or by name.

1. ``ranked``, as published: score = 10 n_libraries + n_terms - log10 max(q, 1e-30), over the significant terms of a
   feature, q the smallest. It prefers features of large, redundant families of gene sets: what holds of them need not
   hold of others.
2. ``random``: n without replacement; each of N is in the sample with probability n / N.
3. ``stratified``: quarters of firing frequency, crossed with whether a feature has a significant term. Strata take
   turns until n are drawn, so that rare kinds are seen; with n_h of a stratum's N_h drawn, a feature stands for
   N_h / n_h features, and a mean over all of them weighs by that (Horvitz & Thompson 1952).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.matching import quantile_bins
from tasks.store import RequestError, StepFolder
from tasks.trace.source_settings import SourceSettings

QUARTERS = 4
LEAST_GENES, LEAST_FREQUENCY = 10, 0.01  # of annotated features, as published
FIRST_GENES = 20  # of a feature's list, among which there must be LEAST_GENES
CATALOGUE = {
    "feature": pl.UInt32, "frequency": pl.Float64, "n_libraries": pl.UInt32, "n_terms": pl.UInt32, "q": pl.Float64,
    "n_genes": pl.UInt32,
}  # fmt: skip
CHOSEN = {
    "feature": pl.UInt32, "selected": pl.Boolean, "rank": pl.UInt32, "score": pl.Float64, "stratum": pl.String,
    "inclusion_probability": pl.Float64,
}  # fmt: skip


def read_catalogue(described: StepFolder) -> pl.DataFrame:
    """What is known of the features of a layer, in the columns of CATALOGUE; ``described``: of step ``describe``."""
    terms = described.read_table("annotation").filter("significant").group_by("feature")
    known = terms.agg(n_libraries=pl.col("library").n_unique(), n_terms=pl.len(), q=pl.col("q").min())
    genes = described.read_table("feature_gene").filter(pl.col("rank") <= FIRST_GENES)
    listed = genes.group_by("feature").agg(n_genes=pl.len())
    features = described.read_table("feature").select("feature", pl.col("frequency").fill_null(0.0))
    found = features.join(known, on="feature", how="left").join(listed, on="feature", how="left").sort("feature")
    counts = pl.col("n_libraries", "n_terms", "n_genes").fill_null(0)
    return found.with_columns(counts, pl.col("q").fill_null(1.0)).select(
        pl.col(name).cast(kind) for name, kind in CATALOGUE.items()
    )


def choose(
    settings: SourceSettings, layer: int, living: list[int], catalogue: pl.DataFrame | None, seed: list[int]
) -> pl.DataFrame:
    """The ``living`` features, ascending, in the columns of CHOSEN: which of them are traced, and why.

    Raises RequestError if a listed feature is not among them, or none is left to choose from.
    """
    features = pl.DataFrame({"feature": living}, schema={"feature": pl.UInt32})
    if settings.rule == "all":
        return _frame(features, {"selected": True, "inclusion_probability": 1.0})
    if settings.rule == "listed":
        named = settings.of_layer(layer)
        if missing := sorted(set(named) - set(living)):
            raise RequestError(
                f"trace.sources.features: feature {missing[0]} of layer {layer} is active in none of the traced cells, "
                "or less often than trace.min_frequency: leave it out, or trace more cells (trace.n_cells)"
            )
        return _frame(features, {"selected": pl.col("feature").is_in(named)})
    if catalogue is None:
        return _drawn(features, np.zeros(len(living), dtype=np.int64), settings.n, seed)
    known = features.join(catalogue, on="feature", how="left", maintain_order="left")
    if settings.rule == "stratified":
        return _stratified(known, settings.n, seed)
    pool = known.filter(
        (pl.col("n_terms") > 0) & (pl.col("n_genes") >= LEAST_GENES) & (pl.col("frequency") >= LEAST_FREQUENCY)
    )
    if pool.is_empty():
        raise RequestError(
            f"trace.sources: no feature of layer {layer} that is active in the traced cells has a significant term, "
            f"{LEAST_GENES} genes and a firing frequency of {LEAST_FREQUENCY}: set trace.sources.rule to all or to "
            "stratified"
        )
    if settings.rule == "random":
        drawn = _drawn(pool.select("feature"), np.zeros(pool.height, dtype=np.int64), settings.n, seed)
        return _frame(features.join(drawn, on="feature", how="left", maintain_order="left"), _outside_pool())
    return _ranked(features, pool, settings.n)


def score() -> pl.Expr:
    """Step 1, of columns of CATALOGUE."""
    q = pl.max_horizontal("q", pl.lit(1e-30))
    return 10.0 * pl.col("n_libraries") + pl.col("n_terms") - q.log10()


def shares(sizes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How many of ``n`` each stratum gives, ``sizes`` [H]: one after another in turns, while it has any."""
    taken = np.zeros_like(sizes)
    while taken.sum() < min(n, sizes.sum()):
        for stratum in np.flatnonzero(taken < sizes)[: n - taken.sum()]:
            taken[stratum] += 1
    return taken


def _ranked(features: pl.DataFrame, pool: pl.DataFrame, n: int) -> pl.DataFrame:
    best = pool.select("feature", score=score()).sort("score", "feature", descending=[True, False])
    placed = best.with_columns(rank=pl.int_range(1, pl.len() + 1))
    found = features.join(placed, on="feature", how="left", maintain_order="left")
    return _frame(found, {"selected": (pl.col("rank") <= n).fill_null(value=False)})


def _stratified(known: pl.DataFrame, n: int, seed: list[int]) -> pl.DataFrame:
    frequency, annotated = known["frequency"].to_numpy(), known["n_terms"].to_numpy() > 0
    quarter = quantile_bins(frequency[:, None], QUARTERS)
    drawn = _drawn(known.select("feature"), 2 * quarter + annotated, n, seed)
    names = [
        f"frequency quarter {q + 1}, {'with' if a else 'without'} a term"
        for q, a in zip(quarter, annotated, strict=True)
    ]
    return drawn.with_columns(stratum=pl.Series(names, dtype=pl.String))


def _drawn(features: pl.DataFrame, strata: NDArray[np.int64], n: int, seed: list[int]) -> pl.DataFrame:
    """Steps 2 and 3 for features in ``strata`` [N], one of them for a plain draw."""
    named, stratum = np.unique(strata, return_inverse=True)
    sizes = np.bincount(stratum, minlength=len(named))
    taken = shares(sizes, n)
    selected, rng = np.zeros(len(strata), dtype=bool), np.random.default_rng(seed)
    for place, count in enumerate(taken):
        selected[rng.choice(np.flatnonzero(stratum == place), count, replace=False)] = True
    return _frame(
        features, {"selected": pl.Series(selected), "inclusion_probability": pl.Series((taken / sizes)[stratum])}
    )


def _outside_pool() -> Mapping[str, pl.Expr]:
    return {
        "selected": pl.col("selected").fill_null(value=False),
        "inclusion_probability": pl.col("inclusion_probability").fill_null(0.0),
    }


def _frame(features: pl.DataFrame, columns: Mapping[str, object]) -> pl.DataFrame:
    """``features`` with ``columns``, and what else CHOSEN has as NULL."""
    made = {name: value if isinstance(value, pl.Expr | pl.Series) else pl.lit(value) for name, value in columns.items()}
    found = features.with_columns(**made)
    return found.select(
        (pl.col(name) if name in found.columns else pl.lit(None).alias(name)).cast(kind)
        for name, kind in CHOSEN.items()
    )
