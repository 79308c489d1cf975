"""Wallenius' non-central hypergeometric law: how many genes of a set a list holds if they are listed more easily.

Genes are drawn one by one without replacement. A gene of the set is ``odds`` times as likely to be next as another.
With odds of 1 this is the hypergeometric law.

1. After j draws, x of them from the set, the next is of the set with probability
   odds (m - x) / (odds (m - x) + N - m - j + x), where N genes hold m of the set (Wallenius 1963).
2. Drawing step by step gives the whole law. It adds and multiplies nothing but probabilities, so no digits cancel
   even in a tail of 1e-200. Lists of n genes cost n^2 / 2 steps each; equal tests are made once.
3. The odds are read off how often genes are listed at all (the bias that Young et al. 2010 call that of selection): if
   a share s of the lists holds a gene, its weight is -log(1 - s), for it is missed while the time of a list lasts with
   probability exp(-weight); the odds of a set are the mean weight of its genes over that of all others.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ENTRIES = 2**20  # probabilities held at once


def wallenius_law(population: ArrayLike, marked: ArrayLike, drawn: ArrayLike, odds: ArrayLike) -> Floats:
    """P(X = x) for x from 0 to the longest list: [T, 1 + max(drawn)], of arguments that broadcast to [T].

    Raises ValueError unless 0 <= marked, drawn <= population and odds are finite and not negative (0: genes of the
    set are never drawn, and ``drawn`` others must be there).
    """
    tests = _checked(population, marked, drawn, odds)
    longest = int(tests[:, 2].max(initial=0))
    law = np.zeros((len(tests), longest + 1))
    order = np.argsort(-tests[:, 2], kind="stable")
    step = max(1, ENTRIES // (longest + 1))
    for first in range(0, len(tests), step):
        own = order[first : first + step]
        law[own] = _draw(tests[own], longest)
    return law


def wallenius_pmf(x: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike, odds: ArrayLike) -> Floats:
    """P(X = x) of T tests; arguments broadcast. Raises what ``wallenius_law`` raises."""
    return _of_law(x, (population, marked, drawn, odds), cumulative=False)


def wallenius_tail(x: ArrayLike, population: ArrayLike, marked: ArrayLike, drawn: ArrayLike, odds: ArrayLike) -> Floats:
    """P(X >= x) of T tests: the p-value of finding x genes of the set. Raises what ``wallenius_law`` raises."""
    return _of_law(x, (population, marked, drawn, odds), cumulative=True)


def wallenius_mean(population: ArrayLike, marked: ArrayLike, drawn: ArrayLike, odds: ArrayLike) -> Floats:
    """The number of genes expected, [T]; exact."""
    law = wallenius_law(population, marked, drawn, odds)
    mean: Floats = law @ np.arange(law.shape[1], dtype=np.float64)
    return mean


def listing_odds(times_listed: NDArray[np.integer], n_lists: int, members: csr_array) -> Floats:
    """Odds of T sets (step 3): ``members`` bool [T, G]; ``times_listed`` [G] of ``n_lists`` lists hold each gene.

    A gene of every list counts as one of n_lists / (n_lists + 1) of them. Raises ValueError if a set holds all genes
    or none, or if no gene outside of it is ever listed.
    """
    weight = -np.log1p(-np.asarray(times_listed, np.float64) / (n_lists + 1))
    size = np.asarray(members.astype(np.float64).sum(axis=1)).ravel()
    inside = members.astype(np.float64) @ weight
    outside = weight.sum() - inside
    if np.any((size == 0) | (size == len(weight))) or np.any(outside <= 1e-12 * weight.sum()):
        raise ValueError("a set needs genes inside and listed genes outside of it to have odds")
    odds: Floats = (inside / size) / (outside / (len(weight) - size))
    return odds


def _checked(*arguments: ArrayLike) -> Floats:
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, np.float64)) for one in arguments))
    tests = np.stack([one.ravel() for one in columns], axis=1)
    population, marked, drawn, odds = tests.T
    whole = np.all((marked >= 0) & (marked <= population) & (drawn >= 0) & (drawn <= population))
    if not (whole and np.all(np.isfinite(odds) & (odds >= 0)) and np.all(tests[:, :3] == np.floor(tests[:, :3]))):
        raise ValueError("need whole numbers, marked and drawn from 0 to the population, and odds from 0 up")
    if np.any((odds == 0) & (drawn > population - marked)):
        raise ValueError("odds of 0 leave fewer genes than are drawn")
    return tests


def _draw(tests: Floats, longest: int) -> Floats:
    """Step 2 for tests [T, 4] with the longest lists first: [T, 1 + longest]."""
    population, marked, drawn, odds = (column[:, None] for column in tests.T)
    law = np.zeros((len(tests), longest + 1))
    law[:, 0] = 1.0
    for j in range(int(drawn.max(initial=0))):
        going = int(np.searchsorted(-drawn[:, 0], -j))  # lists of more than j genes
        x = np.arange(j + 1)
        inside = odds[:going] * np.maximum(marked[:going] - x, 0)
        outside = np.maximum((population - marked)[:going] - (j - x), 0)
        both = inside + outside
        moved = law[:going, : j + 1] * np.divide(inside, both, out=np.zeros_like(both), where=both > 0)
        stayed = np.divide(outside, both, out=np.zeros_like(both), where=both > 0)
        law[:going, : j + 1] *= stayed
        law[:going, 1 : j + 2] += moved
    return law


def _of_law(x: ArrayLike, arguments: tuple[ArrayLike, ...], *, cumulative: bool) -> Floats:
    wanted, *rest = np.broadcast_arrays(np.atleast_1d(np.asarray(x, np.float64)), *arguments)
    tests, place = np.unique(_checked(*rest), axis=0, return_inverse=True)
    law = wallenius_law(*tests.T)
    if cumulative:
        law = np.minimum(np.cumsum(law[:, ::-1], axis=1)[:, ::-1], 1.0)
    at = wanted.ravel().astype(np.int64)
    inside = (at >= 0) & (at < law.shape[1])
    found = np.where(inside, law[place.reshape(-1), np.clip(at, 0, law.shape[1] - 1)], 0.0)
    if cumulative:
        found = np.where(at < 0, 1.0, found)
    return found.reshape(wanted.shape)
