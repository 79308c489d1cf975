"""Table fdr_threshold: how large an effect must be to pass a correction, by the number of cases behind it.

1. Bonferroni over m tests at level a, two-sided: t = t^-1(1 - a / 2m; n - 1), d = t / sqrt(n). It is no smaller than
   what Benjamini-Hochberg asks for, and it is known before anything is measured.
2. Benjamini-Hochberg as it came out: the least |d| among pairs of n cases with q up to the rule's bound.
3. The smallest p that n cases can have: 2^(1 - n) where all sign flips are enumerated, else 1 / (1 + flips). With m
   tests, no q reaches the bound unless ceil(m p / bound) of them have that p: no draw of flips can call fewer.
"""

from typing import Any

import numpy as np
import polars as pl
from scipy.stats import t as student

from tasks.statistics.families import Family

Row = dict[str, Any]


def least_effect(n_tests: int, n: int, level: float) -> tuple[float, float] | None:
    """Step 1: t and d; None below two cases."""
    if n < 2:
        return None
    t = float(student.isf(level / (2 * n_tests), n - 1))
    return t, t / float(np.sqrt(n))


def smallest_p(n: int, n_flips: int, fine_flips: int) -> float:
    """Step 3 (``statistics.permutation``)."""
    if n <= 1:
        return 1.0
    flips = 2.0 ** (n - 1)
    return 1.0 / flips if flips <= max(n_flips, fine_flips) else 1.0 / (1.0 + fine_flips)


def threshold_rows(stat: pl.DataFrame, q_max: float, n_flips: int, fine_flips: int) -> list[Row]:
    """Rows of the table behind target_sae, for the tests of one family.

    ``stat``: columns n (cases), d, p and q of every pair with a p.
    """
    m = stat.height
    whole = Family("edges", "a cell's effect is as likely +x as -x", stat["p"].to_numpy(), stat["q"].to_numpy(), m)
    rows = []
    for (n,), own in stat.sort("n").group_by("n", maintain_order=True):
        cases = int(str(n))
        p, bound = smallest_p(cases, n_flips, fine_flips), least_effect(m, cases, q_max)
        passed = own.filter(pl.col("q") <= q_max)
        rows.append(
            {
                "n_cases": cases,
                "n_pairs": own.height,
                "n_tests": m,
                "q_max": q_max,
                "t_bonferroni": None if bound is None else bound[0],
                "d_bonferroni": None if bound is None else bound[1],
                "n_called": passed.height,
                "d_called": None if passed.is_empty() else float(passed["d"].abs().to_numpy().min()),
                "p_smallest": p,
                "min_rejections": whole.min_rejections(p, q_max),
                "n_at_smallest": int((own["p"] <= p * (1 + 1e-9)).sum()),
            }
        )
    return rows
