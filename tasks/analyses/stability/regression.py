"""How much of the size of effects co-expression foretells, from sums by source.

1. |g| = a + b x over pairs of a source and a target, x their co-expression (``expression``). Sources are cut into
   folds; a and b are fitted without a fold and foretell it.
2. R^2 = 1 - sum SSE_s / sum SST_s over sources s; SST_s about the mean that the other folds have. Co-expression that
   says nothing gives R^2 a little below 0.
3. The interval is over sources (``fieller``): pairs of one source share its size.
4. Pairs that a threshold on |g| let pass have little left to vary (range restriction): their R^2 stands beside that of
   all tested pairs, and is no estimate of it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.fieller import ratio_limits

Floats = NDArray[np.float64]
Row = dict[str, Any]
N_SUMS = 6  # n, x, y, xx, yy, xy


def sums(x: Floats, y: Floats) -> Floats:
    """N_SUMS of one source's pairs [n]; those without co-expression (NaN) are left out."""
    known = np.isfinite(x)
    a, b = x[known], y[known]
    return np.array([a.size, a.sum(), b.sum(), a @ a, b @ b, a @ b])


@dataclass(frozen=True)
class Line:
    """a + b x, and the mean of y, of the sums that it was fitted to."""

    a: float
    b: float
    mean: float

    @classmethod
    def fitted(cls, total: Floats) -> "Line | None":
        """Least squares; None where x does not vary."""
        n, x, y, xx, _, xy = total
        spread = xx - x * x / n if n else 0.0
        if n < 2 or spread <= 1e-12 * xx:
            return None
        b = (xy - x * y / n) / spread
        return cls(float((y - b * x) / n), float(b), float(y / n))

    def errors(self, parts: Floats) -> tuple[Floats, Floats]:
        """SSE and SST of sources with sums ``parts`` [S, 6]: [S] each."""
        n, x, y, xx, yy, xy = parts.T
        sse = yy + n * self.a**2 + self.b**2 * xx - 2 * self.a * y - 2 * self.b * xy + 2 * self.a * self.b * x
        sst = yy - 2 * self.mean * y + n * self.mean**2
        return np.maximum(sse, 0.0), np.maximum(sst, 0.0)


def regression_row(parts: Floats, folds: int, n_draws: int, seed: list[int]) -> Row:
    """Columns n_sources to high of table ``regression_summary``; ``parts`` [S, 6] are sums by source."""
    some = parts[parts[:, 0] > 0]
    whole = Line.fitted(some.sum(0)) if len(some) else None
    row: Row = {"n_sources": len(some), "n_pairs": int(parts[:, 0].sum()), "slope": None, "r": None, "r2": None}
    row |= {"low": None, "high": None}
    if whole is None:
        return row
    n, x, y, xx, yy, xy = some.sum(0)
    spread = (xx - x * x / n) * (yy - y * y / n)
    r = float(np.clip((xy - x * y / n) / np.sqrt(spread), -1, 1)) if spread > 0 else None
    row |= {"slope": whole.b, "r": r}
    if r is None or len(some) < folds:
        return row
    sse, sst = out_of_fold(some, folds, seed)
    if sse is None or sst.sum() <= 0:
        return row
    gained = sst - sse
    low, high = ratio_limits(gained, sst, n_draws, seed)
    return {**row, "r2": float(gained.sum() / sst.sum()), "low": low, "high": None if high is None else min(high, 1.0)}


def out_of_fold(parts: Floats, folds: int, seed: list[int]) -> tuple[Floats | None, Floats]:
    """SSE and SST [S] of every source, foretold by the other folds; None where these cannot fit a line."""
    fold = np.random.default_rng(seed).permutation(len(parts)) % folds
    sse, sst = np.zeros(len(parts)), np.zeros(len(parts))
    for one in range(folds):
        line = Line.fitted(parts[fold != one].sum(0))
        if line is None:
            return None, sst
        sse[fold == one], sst[fold == one] = line.errors(parts[fold == one])
    return sse, sst
