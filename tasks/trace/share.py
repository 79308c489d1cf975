"""The share of one part among all parts of some work."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")


class Share(NamedTuple):
    """Part ``part`` of ``n``, counted from 0."""

    part: int
    n: int

    def of(self, items: Sequence[Item], costs: Sequence[int]) -> list[Item]:
        """Items of this part: neighbours, as much of the cost as the others have; every item is in one part.

        An item belongs where the middle of its cost lies.
        """
        total = max(sum(costs), 1)
        middles = [2 * end - cost for end, cost in zip(accumulate(costs), costs, strict=True)]
        places = [min(self.n * middle // (2 * total), self.n - 1) for middle in middles]
        return [item for item, place in zip(items, places, strict=True) if place == self.part]


WHOLE = Share(0, 1)
