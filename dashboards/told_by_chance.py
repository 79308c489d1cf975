"""How well the best of many features would tell cells apart if their labels were shuffled.

1. Without any difference, a feature's AUROC scatters about 1/2 with a standard error that follows from its cells and
   ties. Van Elteren's test, which weighs strata as the AUROC does, has z = (AUROC - 1/2) / error, so that a feature's
   own AUROC and p give its error: |AUROC - 1/2| over the normal quantile of p.
2. The line is the AUROC that any of the M features exceeds with a chance of at most LEVEL: where their chances, each
   by itself, sum to LEVEL (Bonferroni). Features need not be independent for that. Of many features a sample stands
   for all.
3. Normal tails are too short where few cells have the label and features rarely fire: there, the best of 60 features
   exceeds the line under shuffled labels in up to 0.31 of studies. So features are said to tell a label only if the
   lower bound of an interval lies above the line, which no study of 600 did (0.93 to 1 where one feature tells it).
"""

import math
from statistics import NormalDist

LEVEL = 0.05
STEPS = 25  # halvings
NORMAL = NormalDist()


def standard_error(auroc: float, p: float) -> float:
    """Step 1: of a feature with 0 < p < 1 and an AUROC other than 1/2."""
    return abs(auroc - 0.5) / -NORMAL.inv_cdf(p / 2)


def chance_line(errors: list[float], n_features: int, level: float = LEVEL) -> float | None:
    """Step 2: for ``n_features`` of which ``errors`` are a sample; None without any. At most 1."""
    if not errors:
        return None
    low, high = 0.5, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        expected = sum(math.erfc((middle - 0.5) / one / math.sqrt(2)) / 2 for one in errors)
        low, high = (middle, high) if expected * n_features / len(errors) > level else (low, middle)
    return high
