"""Do the features that answer a factor's perturbation list its known targets, more than others that fire as often?

A factor counts if one of its answering features lists, among its first genes, a target that a directed network knows
(not the factor itself, whose token goes with it). Null: every answering feature is exchanged for one that was tested
with it and fires about as often; the number of factors that count then, draw by draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.answers.compare import Compared

Ints = NDArray[np.int64]
NEAREST = 20  # features that an answering one is exchanged for


@dataclass(frozen=True)
class Specific:
    """Of the factors with answering features: how many count, the mean of the draws, and p = (1 + #) / (1 + draws).

    ``by_factor``: answering features that list a target, of each in the order given.
    """

    n_factors: int
    observed: int
    expected: float | None
    p: float | None
    by_factor: list[int]


def specific(
    compared: Sequence[Compared],
    called: Sequence[Ints],
    names: Sequence[str],
    lists: Mapping[int, frozenset[str]],
    targets: Mapping[str, frozenset[str]],
    n_draws: int,
    seed: int,
) -> Specific:
    """``called`` features and ``names`` (upper case) of each; ``lists``: genes of a feature, upper case."""
    hits = [
        _listing(one.tested, lists, targets.get(name, frozenset()) - {name})
        for one, name in zip(compared, names, strict=True)
    ]
    by_factor = [int(hit[np.isin(one.tested, own)].sum()) for one, hit, own in zip(compared, hits, called, strict=True)]
    factors = [i for i, name in enumerate(names) if name in targets and len(called[i])]
    observed = sum(by_factor[i] > 0 for i in factors)
    if not factors:
        return Specific(0, 0, None, None, by_factor)
    rng, drawn = np.random.default_rng([seed, 2]), np.zeros(n_draws, dtype=np.int64)
    for i in factors:
        near = _alike(compared[i], called[i])
        choice = rng.integers(near.shape[1], size=(n_draws, len(near)))
        drawn += hits[i][near[np.arange(len(near)), choice]].any(axis=1)
    p = (1 + np.count_nonzero(drawn >= observed)) / (1 + n_draws)
    return Specific(len(factors), observed, float(drawn.mean()), float(p), by_factor)


def _listing(tested: Ints, lists: Mapping[int, frozenset[str]], known: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([bool(lists.get(int(each), frozenset()) & known) for each in tested], dtype=bool)


def _alike(one: Compared, called: Ints) -> Ints:
    """Places in ``tested`` of the features nearest in firings to each called one: [called, at most NEAREST]."""
    size = np.log(one.n_firings)
    own = size[np.isin(one.tested, called)]
    return np.argsort(np.abs(own[:, None] - size[None]), axis=1, kind="stable")[:, :NEAREST]
