"""What several features do together beyond what they do apart.

The interaction of a subset T of a set's members in one cell is, by inclusion and exclusion over its subsets U,

    I_T = sum_U (-1)^(|T| - |U|) e_U          for a pair e_AB - e_A - e_B

with e_U the effect of changing U. It is 0 where effects add up, positive where together they raise a target more (or
lower it less) than apart. It is taken of raw effects, cell by cell, never of standardised ones: d = mean / SD of
independent effects that add up exactly is 1 / sqrt(2) of the sum for a pair, 1 / sqrt(3) for three, which reads as
redundancy where there is none.
"""

from torch import Tensor, zeros_like

from tasks.causal.effects import above_floor
from tasks.combine.sets import Subset


def interaction(effects: dict[Subset, Tensor], of: Subset, floor: float) -> Tensor:
    """I_T float32 of effects float32 [n, F] by subset; what is within ``floor`` times the number of terms is zero.

    Each effect is rounded on its own, so that a sum of 2^|T| - 1 of them may miss zero by as many floors.
    """
    total = zeros_like(effects[of]).double()
    parts = [subset for subset in effects if set(subset) <= set(of)]
    for subset in parts:
        total += (-1) ** (len(of) - len(subset)) * effects[subset].double()
    return above_floor(total, floor * len(parts)).float()
