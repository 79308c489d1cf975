"""From values of single cells to what is said of features: measured here or deposited by others, the same arithmetic.

1. ``summary``: mean, deviation (over n) and share of positive values of a feature's cells. ``p_cells``: Student's test
   of the mean against 0, as published (1 for two values or fewer). It asks whether cells agree, and any direction
   moves cells alike: at the last layer of a model, for instance, all by the same sign. ``q_published`` corrects it, as
   published, within a layer's ON or OFF features alone; ``q_cells`` over all features, read-outs and multipliers.
2. ``dose_response``: Spearman's correlation of multiplier and |mean|; monotone above 0.8, sign stable if no two means
   differ in sign.
3. ``concordance``: Spearman's correlation over features of the means of two read-outs, and how often signs agree.

What is ``degenerate`` follows from the weights alone: behind the last layer stands no block, so a probe of the
embedding moves by (alpha - 1) mean(a) w.W, whatever the cell. It enters no correction.
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import spearmanr, ttest_1samp

from tasks.analyses.steering.step import FEATURE, RECONSTRUCTION
from tasks.interventions.kinds import BY_EMBEDDING
from tasks.statistics.fdr import benjamini_hochberg

Floats = NDArray[np.float64]
OF_FEATURE = ["sae_id", "layer", "feature", "kind"]
OF_MEAN = [*OF_FEATURE, "arm", "multiplier", "readout"]
FEWEST_DOSES, MONOTONE = 4, 0.8
FEWEST_FEATURES = 6  # behind a correlation over features


def summarise(values: pl.DataFrame, last_layer: int) -> pl.DataFrame:
    """Step 1 for columns OF_MEAN, ``value`` and ``dose`` of single cells: a row for each of OF_MEAN, in their order."""
    of = values.group_by(OF_MEAN)
    found = of.agg(
        n_cells=pl.len(),
        mean=pl.col("value").mean(),
        sd=pl.col("value").std(ddof=0),
        fraction_positive=(pl.col("value") > 0).mean(),
        mean_dose=pl.col("dose").mean(),
        cells=pl.col("value"),
    ).sort(OF_MEAN)
    one_way = pl.col("arm") != RECONSTRUCTION  # which adds another direction in every cell
    degenerate = (pl.col("layer") == last_layer) & pl.col("readout").is_in(BY_EMBEDDING) & one_way
    by_dose = pl.when(pl.col("mean_dose") > 0).then(pl.col("mean") / pl.col("mean_dose"))
    p = pl.Series("p_cells", [t_test(np.array(cells)) for cells in found["cells"]], dtype=pl.Float64)
    found = found.drop("cells").with_columns(
        p, per_dose=by_dose, degenerate=degenerate, of_panel=pl.col("arm") == FEATURE
    )
    group = ["layer", "kind", "multiplier", "readout"]
    found = corrected(found, "p_cells", "q_published", pl.col("of_panel"), group)
    return corrected(found, "p_cells", "q_cells", pl.col("of_panel") & ~pl.col("degenerate")).drop("of_panel")


def t_test(cells: Floats) -> float:
    """Two-sided p of a mean of 0; 1 for two values or fewer."""
    if len(cells) <= 2:
        return 1.0
    if np.ptp(cells) == 0:
        return 0.0 if cells[0] else 1.0
    return float(ttest_1samp(cells, 0.0).pvalue)


def corrected(rows: pl.DataFrame, p: str, q: str, family: pl.Expr, by: Iterable[str] = ()) -> pl.DataFrame:
    """``rows`` with Benjamini-Hochberg's ``q`` over those of the ``family``, by groups of ``by``; NULL elsewhere."""
    numbered = rows.with_row_index("row")
    chosen = numbered.filter(family & pl.col(p).is_not_null())
    groups = chosen.partition_by(list(by)) if by else [chosen]
    parts = [one.select("row", pl.Series(q, benjamini_hochberg(one[p].to_numpy()))) for one in groups if one.height]
    nothing = pl.DataFrame(schema={"row": pl.UInt32, q: pl.Float64})
    found = pl.concat([nothing, *(part.cast({"row": pl.UInt32}) for part in parts)])
    return numbered.cast({"row": pl.UInt32}).join(found, on="row", how="left", maintain_order="left").drop("row")


def dose_response(summary: pl.DataFrame) -> pl.DataFrame:
    """Step 2: a row for each feature and read-out with FEWEST_DOSES multipliers."""
    rows = []
    own = summary.filter(pl.col("arm") == FEATURE).sort("multiplier")
    for key, part in own.group_by([*OF_FEATURE, "readout", "degenerate"], maintain_order=True):
        if part.height < FEWEST_DOSES:
            continue
        means = part["mean"].to_numpy()
        rho = rank_correlation(part["multiplier"].to_numpy(), np.abs(means))
        stable = len(set(np.sign(means[means != 0]))) <= 1
        rows.append((*key, part.height, rho, rho is not None and rho > MONOTONE, stable))
    names = [*OF_FEATURE, "readout", "degenerate", "n_multipliers", "rho", "monotone", "sign_stable"]
    types = {"n_multipliers": pl.Int64, "rho": pl.Float64, "monotone": pl.Boolean, "sign_stable": pl.Boolean}
    schema = {name: types.get(name, summary.schema.get(name)) for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row").sort([*OF_FEATURE, "readout"])


def concordance(summary: pl.DataFrame, min_cells: int) -> pl.DataFrame:
    """Step 3 for features with ``min_cells`` steered cells, over all layers together and within each."""
    own = summary.filter((pl.col("arm") == FEATURE) & (pl.col("n_cells") >= min_cells))
    rows = []
    for (multiplier,), part in own.group_by("multiplier", maintain_order=True):
        wide = part.pivot("readout", index=OF_FEATURE, values="mean").sort(OF_FEATURE)
        names = sorted(set(wide.columns) - set(OF_FEATURE))
        for layer in [None, *wide["layer"].unique().sort()]:
            here = wide if layer is None else wide.filter(layer=layer)
            for one, other in combinations(names, 2):
                both = here.select(one, other).drop_nulls()
                measured = agreement(both[one].to_numpy(), both[other].to_numpy())
                rows.append((multiplier, "all" if layer is None else f"L{layer}", layer, one, other, *measured))
    schema = {
        "multiplier": pl.Float64, "scope": pl.String, "layer": pl.Int64, "readout": pl.String,
        "other_readout": pl.String, "n_features": pl.Int64, "rho": pl.Float64, "p": pl.Float64,
        "sign_agreement": pl.Float64,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("n_features") >= FEWEST_FEATURES)
    return frame.sort("multiplier", "scope", "readout", "other_readout")


def agreement(one: Floats, other: Floats) -> tuple[int, float | None, float | None, float]:
    """Number of features, Spearman's rho and p (None where one does not vary), and the share of like signs."""
    alike = float(np.mean(np.sign(one) == np.sign(other))) if len(one) else 0.0
    if len(one) < FEWEST_FEATURES or np.ptp(one) == 0 or np.ptp(other) == 0:
        return len(one), None, None, alike
    found = spearmanr(one, other)
    return len(one), float(found.statistic), float(found.pvalue), alike


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's, None where one does not vary."""
    return None if np.ptp(one) == 0 or np.ptp(other) == 0 else float(spearmanr(one, other).statistic)
