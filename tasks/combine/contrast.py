"""Are sets of one kind other than sets of another? Sets are the units; their kinds are permuted.

1. ``energy``: how far a set is from additive, of raw effects (``additivity``). ``ratio`` and ``superadditive``, the
   median ratio of a set and the share of its targets above 1.2, are the published readings of the same sets.
2. The difference of two kinds' means is compared with those of all arrangements of the kinds over the sets, drawn
   where there are too many; Benjamini-Hochberg over all comparisons of the step.
3. As published beside it: medians of kinds, and Fisher's exact test of super-additive targets, which takes the targets
   of a set for independent of one another.
"""

from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import fisher_exact

from tasks.combine.sets import Design
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.labels import arrange, difference_of_means, permute_labels

KINDS: tuple[Design, ...] = ("pathway", "across", "random")
MEASURES = ("energy", "ratio", "superadditive")
FEWEST = 2  # sets of a kind


def contrast_rows(ratios: pl.DataFrame, n_draws: int, seed: list[int]) -> list[dict[str, Any]]:
    """Rows of combination_contrast; ``ratios``: rows of combination_ratio of designed sets, with column ``design``."""
    rows = []
    share = pl.when(pl.col("n_targets") > 0).then(pl.col("n_super") / pl.col("n_targets")).otherwise(0.0)
    values = ratios.with_columns(superadditive=share)
    for (target_sae, target_layer), own in values.group_by("target_sae", "target_layer", maintain_order=True):
        for number, (first, second) in enumerate(combinations(KINDS, 2)):
            for measure in MEASURES:
                known = own.filter(pl.col(measure).is_not_null(), pl.col("design").is_in([first, second]))
                sides = [known.filter(design=kind) for kind in (first, second)]
                if min(side.height for side in sides) >= FEWEST:
                    about = {"target_sae": target_sae, "target_layer": target_layer, "measure": measure}
                    found = _compared(measure, sides, n_draws, [*seed, int(target_layer), number])
                    rows.append({**about, "first": first, "second": second, **found})
    q = benjamini_hochberg(np.array([row["p"] for row in rows], dtype=np.float64))
    return [{**row, "q": float(each)} for row, each in zip(rows, q, strict=True)]


def _compared(measure: str, sides: list[pl.DataFrame], n_draws: int, seed: list[int]) -> dict[str, Any]:
    """Steps 1 to 3 of one measure and two kinds."""
    first, second = (side[measure].to_numpy() for side in sides)
    labels = np.repeat([1, 0], [len(first), len(second)])
    statistic = difference_of_means(np.concatenate([first, second]), 1)
    drawn = permute_labels(statistic, labels, arrange(labels, n_draws, seed))
    odds, p = super_test(sides) if measure == "superadditive" else (None, None)
    return {
        "n_first": len(first),
        "n_second": len(second),
        "median_first": float(np.median(first)),
        "median_second": float(np.median(second)),
        "difference": float(drawn.observed[0]),
        "null_sd": float(drawn.sd[0]),
        "p": float(drawn.p("two-sided")[0]),
        "n_draws": len(drawn.values),
        "exact": drawn.exact,
        "published_odds_ratio": odds,
        "published_p": p,
    }


def super_test(sides: list[pl.DataFrame]) -> tuple[float | None, float]:
    """Odds ratio, None if infinite or undefined, and two-sided p of Fisher's test of super-additive targets."""
    counts = [(int(side["n_super"].sum()), int((side["n_targets"] - side["n_super"]).sum())) for side in sides]
    odds, p = fisher_exact(counts)
    return (float(odds) if np.isfinite(odds) else None), float(p)
