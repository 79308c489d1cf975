"""Which features are taken out: hubs, random features, and features that fire as often as the hubs.

1. ``hub``: the n sources with most edges, ties by number. ``random``: n of the others, drawn evenly.
2. ``matched``: hubs and features of neither arm are joined in pairs, no feature twice, so that the distances of log10
   frequency add up to as little as can be; a pair farther apart than ``caliper`` is let go, and its hub has no match.
3. Where hubs are the features that fire most often, no other fires as often as they do: they have no match, and what
   they cost is held against frequency by a correlation alone.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.hubs.enrichment import largest
from tasks.statistics.matching import nearest_pairs
from tasks.store import RequestError

Ints = NDArray[np.int64]
ARMS = ("hub", "random", "matched")


@dataclass(frozen=True)
class Arms:
    """Features of each arm; ``matched`` gives the match of each hub that has one."""

    hubs: list[int]
    random: list[int]
    matched: dict[int, int]

    @property
    def features(self) -> dict[str, dict[int, int]]:
        """By arm, place from 1 and feature; a match has the place of its hub."""
        places = {hub: place for place, hub in enumerate(self.hubs, start=1)}
        return {
            "hub": {place: hub for hub, place in places.items()},
            "random": dict(enumerate(self.random, start=1)),
            "matched": {places[hub]: match for hub, match in sorted(self.matched.items(), key=lambda p: places[p[0]])},
        }


def choose_arms(features: pl.DataFrame, n: int, caliper: float, seed: list[int]) -> Arms:
    """The arms among ``features``: feature, degree and frequency above 0, ascending by feature.

    Raises RequestError if there are fewer than three times ``n``.
    """
    if features.height < 3 * n:
        raise RequestError(
            f"damage.n_features: three arms of {n} features need {3 * n}, and {features.height} sources fire: "
            f"set it to {features.height // 3} or less"
        )
    number = features["feature"].to_numpy().astype(np.int64)
    log_frequency = np.log10(features["frequency"].to_numpy())
    hubs = largest(features["degree"].to_numpy().astype(np.float64), n)
    others = np.setdiff1d(np.arange(len(number)), hubs)
    drawn = np.sort(np.random.default_rng(seed).permutation(others)[:n])
    match = nearest_pairs(hubs, np.setdiff1d(others, drawn), log_frequency)
    near = np.abs(log_frequency[hubs] - log_frequency[match]) <= caliper
    pairs = zip(number[hubs[near]].tolist(), number[match[near]].tolist(), strict=True)
    return Arms(number[hubs].tolist(), number[drawn].tolist(), dict(pairs))
