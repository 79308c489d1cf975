"""Natural cubic splines: curves that a regression may follow, straight beyond their outermost knots.

With knots k_1 < ... < k_m (quantiles of x), the columns are x and N_j = d_j - d_{m-1} for j = 1 ... m - 2,

    d_j(x) = ((x - k_j)+^3 - (x - k_m)+^3) / (k_m - k_j)

(Hastie, Tibshirani & Friedman 2009, eq. 5.4 and 5.5), each column centred and divided by its standard deviation.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def natural_spline(x: Floats, freedom: int = 4) -> Floats:
    """Columns [n, K] of ``x`` [n] without a constant, K at most ``freedom``; fewer where x has few distinct values.

    Raises ValueError if a value is not finite.
    """
    if not np.isfinite(x).all():
        raise ValueError("values of a spline must be finite")
    knots = np.unique(np.quantile(x, np.linspace(0, 1, freedom + 1)))
    columns = [np.asarray(x, dtype=np.float64)]
    if knots.size > 2:
        last = _piece(x, knots[-2], knots[-1])
        columns += [_piece(x, knot, knots[-1]) - last for knot in knots[:-2]]
    table = np.column_stack(columns)
    table = table - table.mean(0)
    spread = table.std(0)
    columns_that_vary: Floats = table[:, spread > 0] / spread[spread > 0]
    return columns_that_vary


def _piece(x: Floats, knot: float, last: float) -> Floats:
    piece: Floats = (np.maximum(x - knot, 0) ** 3 - np.maximum(x - last, 0) ** 3) / (last - knot)
    return piece


def fitted(y: Floats, columns: Floats) -> Floats:
    """Least-squares fit [n] of ``y`` [n] on a constant and ``columns`` [n, K], which may depend on each other."""
    design = np.column_stack([np.ones(len(y)), columns])
    found: Floats = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return found
