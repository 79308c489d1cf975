"""Does a feature move cells along this trajectory more than along one that means nothing?

1. Read-outs are fitted to R - 1 pseudotimes that were exchanged between the cells they learn from (``bank``).
2. T_r = mean over steered cells of what read-out r says of the feature; r = 0 is the true one.
3. p = (1 + #{r >= 1: |T_r| >= |T_0|}) / R.

Of a signature this asks whether the cells' own profiles differ between late and early ones along the very direction in
which the feature pushes; probes ask the same of embeddings, given their other directions. If the pseudotime says
nothing of cells, the true read-outs are like the others and p is uniform, provided that the panel was not chosen on the
cells that read-outs learnt from. If it does, a direction that has no part in it is moved by what noise the true
read-out has learnt, which is no more than that of the others. No p is below 1 / R.

The published ``signature`` is not tested: early cells start from a level other than 0, and a push in any direction at
all, since it makes cells less like both ends, changes that level. Shuffled signatures start from 0.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNCENTRED = "signature"
TIE = 1e-9  # relative: what differs by rounding alone counts as equal


def shuffled_p(means: Floats) -> float:
    """p of a feature from its means [R] by read-out."""
    size = np.abs(means)
    return float((1 + (size[1:] >= size[0] * (1 - TIE)).sum()) / len(size))
