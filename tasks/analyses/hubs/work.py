"""The work of step ``hubs``: out-degree of one source layer's features against whether they have a significant term.

Every question is asked twice: of degree as it is, and given how often features fire. Frequent features have more edges
and other chances of an annotation; where the two answers differ, the second is the one about edges.

1. The top k by degree (``enrichment``): ``fisher``, and given frequency ``matched`` and the published ``neighbours``.
2. All features: ``logistic`` regression of annotation on log10(degree + 1), ``logistic_given`` with a natural spline
   of log10 frequency beside it; Spearman's ``spearman`` and, with ranks of frequency taken off, ``spearman_given``.
3. ``residual``: Fisher's test of the top k by what the spline leaves of log10(degree + 1).
4. Benjamini-Hochberg over all of these but ``neighbours``.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import spearmanr

from tasks.analyses.hubs.enrichment import Tested, block_means, blocks_of, fisher, largest, matched, neighbours
from tasks.analyses.hubs.step import HubsSettings
from tasks.analyses.traced import Traced
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.logistic import logistic
from tasks.statistics.partial_rank import partial_spearman
from tasks.statistics.proportion import wilson
from tasks.statistics.splines import fitted, natural_spline
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]
UNIT = "hubs"
N_DECILES, N_LISTED, FEWEST = 10, 20, 20
KEY = ["effect", "criterion", "sae_id"]
KEYS = {"enrichment_test": [*KEY, "test", "k"], "enrichment_decile": [*KEY, "decile"], "residual_hub": [*KEY, "rank"]}
GIVEN = {"matched", "neighbours", "logistic_given", "spearman_given", "residual"}


def compare_hubs(settings: HubsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Test the annotation of one source layer's hubs; no rows if fewer than FEWEST features are left."""
    traced = Traced.open("hubs", settings, inputs)
    if not out.has(UNIT):
        described = StepFolder.open(inputs.layers("describe")[inputs.own_layer])
        features = usable(settings, traced.degrees(), described)
        chosen = {**traced.key, "sae_id": traced.source_sae}
        tables = tables_of(settings, features, [settings.seed, inputs.own_layer])
        with out.unit(UNIT) as shard:
            for table, rows in tables.items():
                shard.table(table, table_frame(table, [{**chosen, **row} for row in rows]).sort(KEYS[table]))
    tests = out.read_table("enrichment_test")
    return {"n_tests": tests.height, "n_significant": int((tests["q"] <= 0.05).sum())}


def usable(settings: HubsSettings, degrees: pl.DataFrame, described: StepFolder) -> pl.DataFrame:
    """feature, degree, frequency and annotated of the sources that fire often enough, ascending by feature."""
    significant = described.read_table("annotation").filter("significant")["feature"].unique()
    frequency = described.read_table("feature").select("feature", "frequency")
    found = degrees.join(frequency, on="feature", how="inner")
    kept = found.filter((pl.col("frequency") > 0) & (pl.col("frequency") >= settings.min_frequency))
    return kept.with_columns(annotated=pl.col("feature").is_in(significant.implode())).sort("feature")


def tables_of(settings: HubsSettings, features: pl.DataFrame, seed: list[int]) -> dict[str, list[Row]]:
    """Rows of all tables behind sae_id, for ``features`` as ``usable`` gives them."""
    if features.height < FEWEST:
        return {table: [] for table in KEYS}
    frequency = features["frequency"].to_numpy().astype(np.float64)
    blocks = blocks_of(frequency, settings.block)
    log_degree = np.log10(features["degree"].to_numpy() + 1.0)
    spline = natural_spline(np.log10(frequency))
    residual = np.round(log_degree - fitted(log_degree, spline), 9)  # rounded, as it is ranked
    tests = [*top_tests(settings, features, blocks, residual, seed), *whole_tests(features, log_degree, spline)]
    return {
        "enrichment_test": with_q(tests),
        "enrichment_decile": decile_rows(features, blocks),
        "residual_hub": residual_rows(features, residual),
    }


def top_tests(
    settings: HubsSettings, features: pl.DataFrame, blocks: Ints, residual: Floats, seed: list[int]
) -> list[Row]:
    """Steps 1 and 3."""
    annotated, n = features["annotated"].to_numpy(), features.height
    frequency, degree = (features[name].to_numpy().astype(np.float64) for name in ("frequency", "degree"))
    rows = []
    for k in sorted({*settings.top, max(1, round(settings.top_share * n))}):
        if k > n / 2:
            continue
        top, draws = largest(degree, k), (settings.n_draws, [*seed, k])
        found: dict[str, Tested | None] = {
            "fisher": fisher(annotated, top),
            "matched": matched(annotated, top, blocks, *draws),
            "neighbours": neighbours(annotated, top, frequency, *draws),
            "residual": fisher(annotated, largest(residual, k)),
        }
        for test, one in found.items():
            if one is not None:
                drawn = settings.n_draws if test in ("matched", "neighbours") else None
                rows.append({**_row(features, test, k), **vars(one), "n_draws": drawn})
    return rows


def whole_tests(features: pl.DataFrame, log_degree: Floats, spline: Floats) -> list[Row]:
    """Step 2; a regression that cannot be fitted, or a correlation of what does not vary, has no p."""
    annotated = features["annotated"].to_numpy()
    columns = {"logistic": log_degree[:, None], "logistic_given": np.column_stack([log_degree, spline])}
    rows = []
    for test, table in columns.items():
        if (found := logistic(annotated, table)) is not None:
            slope = float(found.coefficients[1])
            values = {"statistic": slope, "odds_ratio": float(np.exp(slope)), "p": found.p(0)}
            rows.append({**_row(features, test, 0), **values})
    if 0 < annotated.sum() < annotated.size and np.ptp(log_degree) > 0:
        rho = spearmanr(log_degree, annotated)
        rows.append({**_row(features, "spearman", 0), "statistic": float(rho.statistic), "p": float(rho.pvalue)})
        given = partial_spearman(log_degree, annotated.astype(np.float64), features["frequency"].to_numpy())
        if not np.isnan(given.p):
            rows.append({**_row(features, "spearman_given", 0), "statistic": given.rho, "p": given.p})
    return rows


def _row(features: pl.DataFrame, test: str, k: int) -> Row:
    nothing = dict.fromkeys(("observed", "expected", "sd", "odds_ratio", "statistic", "n_draws"))
    counts = {"n_features": features.height, "n_annotated": int(features["annotated"].sum())}
    return {"test": test, "k": k, "given_frequency": test in GIVEN, **counts, **nothing}


def with_q(rows: list[Row]) -> list[Row]:
    """Step 4."""
    family = [row for row in rows if row["test"] != "neighbours"]
    q = dict(zip(map(id, family), benjamini_hochberg(np.array([row["p"] for row in family])), strict=True))
    return [{**row, "q": q.get(id(row))} for row in rows]


def decile_rows(features: pl.DataFrame, blocks: Ints) -> list[Row]:
    """Table ``enrichment_decile`` behind sae_id: tenths of the features by degree, ties by number."""
    annotated, degree = features["annotated"].to_numpy(), features["degree"].to_numpy()
    expected = block_means(annotated, blocks)
    rows = []
    for decile, own in enumerate(np.array_split(np.argsort(degree, kind="stable"), N_DECILES), start=1):
        n_annotated = int(annotated[own].sum())
        (low,), (high,) = wilson(np.array([n_annotated]), np.array([own.size]))
        rows.append(
            {
                "decile": decile,
                "n_features": own.size,
                "n_annotated": n_annotated,
                "mean_degree": float(degree[own].mean()),
                "share": n_annotated / own.size,
                "low": low,
                "high": high,
                "expected": float(expected[own].mean()),
            }
        )
    return rows


def residual_rows(features: pl.DataFrame, residual: Floats) -> list[Row]:
    """Table ``residual_hub`` behind sae_id: the features with most edges for how often they fire."""
    first = largest(residual, N_LISTED)
    columns = features.select("feature", "degree", "frequency", "annotated")[first].rows(named=True)
    return [
        {"rank": rank, **row, "residual": float(residual[one])}
        for rank, (one, row) in enumerate(zip(first, columns, strict=True), start=1)
    ]
