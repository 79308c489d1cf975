"""Other autoencoders against a source's own, on the source's held-out cells, seed by seed.

    d_k = figure of the other cohort - figure of the source's own, both of seed k          k = 1 to K
    mean +- t sd / sqrt(K)      t Student's quantile with K - 1 degrees of freedom; p two-sided, q over all contrasts

Figures are ``fvu``, and ``annotated``: the share of annotated features less that of random lists. Seeds have training
cells of their own, so d_k are independent samples of what another draw of cells and weights would give. Held-out cells
are the same for all, and cells of one donor are no other donors: that is not in the interval.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t

from tasks.statistics.fdr import benjamini_hochberg

Row = dict[str, Any]
FIGURES = {"fvu": pl.col("fvu"), "annotated": pl.col("annotated_fraction") - pl.col("null_annotated")}
CONFIDENCE = 0.95
ALIKE = 1e-12  # of the largest difference: a spread below is rounding


def contrasts(rows: pl.DataFrame) -> list[Row]:
    """All rows of table ``cohort_contrast`` of one layer, from ``rows`` of table ``cohort``."""
    found = []
    for metric, figure in FIGURES.items():
        values = {
            (cohort, source): dict(part.select("seed", "figure").iter_rows())
            for (cohort, source), part in rows.with_columns(figure=figure).group_by("cohort", "source")
        }
        for source in rows["source"].unique(maintain_order=True):
            for cohort in rows["cohort"].unique(maintain_order=True):
                if cohort != source:
                    about = {"metric": metric, "source": source, "cohort": cohort}
                    found.append(about | compared(values[cohort, source], values[source, source]))
    return _with_q(found)


def compared(other: Mapping[int, float | None], own: Mapping[int, float | None]) -> Row:
    """The numbers of one contrast from figures by seed; seeds without one of the two stay out."""
    pairs = [(o, own.get(seed)) for seed, o in other.items()]
    known = np.array([(a, b) for a, b in pairs if a is not None and b is not None], dtype=np.float64).reshape(-1, 2)
    d = known[:, 0] - known[:, 1]
    row: Row = dict.fromkeys(("own_mean", "cohort_mean", "mean", "sd", "low", "high", "p"))
    row |= {"n_seeds": len(d), "reason": None}
    if not len(d):
        return row | {"reason": "no seed has this figure on both sides"}
    row |= {"own_mean": float(known[:, 1].mean()), "cohort_mean": float(known[:, 0].mean()), "mean": float(d.mean())}
    if len(d) < 2:
        return row | {"reason": "one seed alone has this figure on both sides"}
    row["sd"] = float(d.std(ddof=1))
    if np.ptp(d) <= ALIKE * np.abs(known).max(initial=0.0):
        return row | {"reason": "all seeds differ by the same: nothing says how far another could be"}
    return row | _interval(d)


def _interval(d: NDArray[np.float64]) -> Row:
    n, mean = len(d), float(d.mean())
    error = float(d.std(ddof=1) / np.sqrt(n))
    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return {"low": mean - half, "high": mean + half, "p": float(2 * t.sf(abs(mean) / error, n - 1))}


def _with_q(rows: Sequence[Row]) -> list[Row]:
    tested = [row for row in rows if row["p"] is not None]
    q = dict(zip(map(id, tested), benjamini_hochberg(np.array([row["p"] for row in tested])).tolist(), strict=True))
    return [{**row, "q": q.get(id(row))} for row in rows]
