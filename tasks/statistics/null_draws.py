"""What a statistic was under the null, draw by draw: its p-values, its moments, and the rows that keep it.

1. A draw reaches the observed value unless it falls short by more than rounding (``TIE`` of the larger one).
2. Drawn: p = (1 + reached) / (1 + B), never 0 (Phipson & Smyth 2010). Enumerated, the observed arrangement is among
   the draws: p = reached / B.
3. A draw in which the statistic has no value (NaN) counts as one that reaches it, so an empty null proves nothing.
4. Adjusted for all T tests at once: the largest value of every draw stands for the draw (Westfall & Young 1993). This
   needs draws that are shared by the tests and statistics of one scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Alternative = Literal["greater", "less", "two-sided"]
TIE = 1e-9


@dataclass(frozen=True)
class NullDraws:
    """``observed`` [T] beside ``values`` [B, T] of the same draws for all T tests; ``exact`` if none is left out."""

    observed: Floats
    values: Floats
    exact: bool = False

    @classmethod
    def about_mean(cls, values: Floats) -> "NullDraws":
        """What was found, the first of ``values`` [1 + B], beside its exchanges; all less their mean, it being one."""
        off = values - values.mean()
        return cls(off[:1], off[1:, None])

    def p(self, alternative: Alternative = "greater") -> Floats:
        """p-values [T]. Two-sided compares absolute values, so the statistic must be 0 where nothing is found."""
        return self._p(self.values, alternative)

    def p_of_maximum(self, alternative: Alternative = "greater") -> Floats:
        """p-values [T] that hold for all T tests together: each against the largest value of every draw."""
        largest = _oriented(self.values, alternative).max(1, keepdims=True)
        return self._p(largest, alternative, oriented=True)

    @property
    def mean(self) -> Floats:
        """Mean over draws [T], those without a value left out; NaN if none has one."""
        return _over_draws(self.values, lambda found: float(found.mean()))

    @property
    def sd(self) -> Floats:
        """Standard deviation over draws [T], n - 1 in the denominator; NaN below two values."""
        return _over_draws(self.values, lambda found: float(found.std(ddof=1)) if len(found) > 1 else np.nan)

    @property
    def share_identical(self) -> Floats:
        """Share of draws equal to the observed value [T]: near 1, the null does not move what it should."""
        same: NDArray[np.bool_] = np.abs(self.values - self.observed) <= TIE * np.abs(self.observed)
        share: Floats = same.sum(0) / len(same)
        return share

    @property
    def share_empty(self) -> Floats:
        """Share of draws without a value [T]."""
        share: Floats = np.isnan(self.values).sum(0) / len(self.values)
        return share

    @property
    def min_p(self) -> float:
        """The smallest p that so many draws can give."""
        return 1 / len(self.values) if self.exact else 1 / (1 + len(self.values))

    def _p(self, values: Floats, alternative: Alternative, oriented: bool = False) -> Floats:
        observed = _oriented(self.observed, alternative)
        drawn = values if oriented else _oriented(values, alternative)
        slack = TIE * np.maximum(np.abs(drawn), np.abs(observed))
        reached = (~(drawn < observed - slack)).sum(0)
        p = (reached + (not self.exact)) / (len(values) + (not self.exact))
        return np.where(np.isnan(self.observed), 1.0, p)


def null_draw_frame(
    draws: NullDraws, *, analysis: str, statistic: str, null_kind: str, scopes: Sequence[str]
) -> pl.DataFrame:
    """Rows of table ``null_draw``: every draw of every test, numbered from 1.

    ``scopes`` [T] say what each test is of. Raises ValueError unless there is one for each and all differ.
    """
    n_draws, n_tests = draws.values.shape
    if len(scopes) != n_tests or len(set(scopes)) != n_tests:
        raise ValueError(
            f"{n_tests} tests need as many different scopes, not {len(scopes)} ({len(set(scopes))} differ)"
        )
    return pl.DataFrame(
        {
            "analysis": pl.repeat(analysis, n_draws * n_tests, eager=True),
            "statistic": pl.repeat(statistic, n_draws * n_tests, eager=True),
            "null_kind": pl.repeat(null_kind, n_draws * n_tests, eager=True),
            "scope": pl.Series(scopes, dtype=pl.String).repeat_by(n_draws).explode(),
            "draw": np.tile(np.arange(1, n_draws + 1, dtype=np.uint32), n_tests),
            "value": pl.Series(draws.values.T.ravel(), dtype=pl.Float64).fill_nan(None),
        }
    ).sort("scope", "draw")


def _oriented(values: Floats, alternative: Alternative) -> Floats:
    """Values of which larger ones speak more against the null."""
    return {"greater": values, "less": -values, "two-sided": np.abs(values)}[alternative]


def _over_draws(values: Floats, summary: Callable[[Floats], float]) -> Floats:
    found = (column[~np.isnan(column)] for column in values.T)
    return np.array([summary(column) if len(column) else np.nan for column in found], dtype=np.float64)
