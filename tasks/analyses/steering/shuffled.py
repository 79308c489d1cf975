"""Does a feature move cells along this trajectory more than along one that means nothing?

1. Read-outs are fitted to R - 1 pseudotimes that were exchanged between the cells they learn from (``bank``).
2. T_r = (mean over steered cells of what read-out r says of the feature) / (length of read-out r): read-outs that lean
   on noise are longer, and would seem to be moved more.
3. p = (1 + #{r >= 1: |T_r| >= |T_0|}) / R.

If the pseudotime says nothing of cells, the true read-outs are like the others and p is uniform, provided that the
panel was not chosen on the cells that read-outs learnt from. No p is below 1 / R.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TIE = 1e-9  # relative: what differs by rounding alone counts as equal


def shuffled_p(means: Floats, lengths: Floats) -> float:
    """p of a feature with ``means`` [R] by read-outs of these ``lengths`` [R]."""
    size = np.abs(means / lengths)
    return float((1 + (size[1:] >= size[0] * (1 - TIE)).sum()) / len(size))
