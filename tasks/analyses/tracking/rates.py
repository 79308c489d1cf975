"""Persistence of one layer's features in another layer: matches, their share, its interval, null and ceiling.

Rule ``mutual`` (the default), over features that are not rare: i and j are each other's best by the signed cosine,
and a random dictionary would come as near to i with p at most ``level``. Codes are not negative, so a direction that
was turned round is another feature.

Rule ``published``, over all living features: some |c_ij| is at least 0.7, whoever else is that near to j.

The null rate is what random dictionaries of equal covariance match under the same rule; the seed rate, the ceiling,
is what another seed of the same layer's autoencoder matches.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.tracking.chance import Chance
from tasks.analyses.tracking.cosines import Best, best_partners
from tasks.analyses.tracking.dictionary import Dictionary, Layered
from tasks.analyses.tracking.quadratic_form import Sides
from tasks.statistics import benjamini_hochberg
from tasks.statistics.proportion import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
PUBLISHED, STRONG = 0.7, 0.9  # cosines; the second is that of a strong match under either rule
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Matches:
    """What ``one`` has of ``other``: the best partners, and under rule mutual p and q, all of length n of ``one``."""

    one: Dictionary
    other: Dictionary
    best: Best
    p: Floats
    q: Floats
    matched: Flags


@dataclass(frozen=True)
class Null:
    """The mean ``rate`` of matches with random dictionaries, and the best ``cosines`` of all draws."""

    rate: float
    cosines: Floats


@dataclass(frozen=True)
class Rule:
    """How features are matched: the name of the rule and of its measure, and the null's level under rule mutual."""

    name: str
    measure: str
    level: float | None = None

    def match(self, one: Dictionary, other: Dictionary) -> Matches:
        """Match ``one`` to ``other``."""
        chance = other.chance
        if chance is None:
            best = Best(np.zeros(one.n, dtype=np.int64), np.zeros(one.n), np.zeros(one.n, dtype=np.bool_))
            return Matches(one, other, best, np.ones(one.n), np.ones(one.n), best.mutual)
        best = best_partners(one.unit, other.unit, unsigned=self.level is None)
        if self.level is None:
            none = np.empty(0)
            return Matches(one, other, best, none, none, best.cosine >= PUBLISHED)
        p = chance.p_of_best(chance.sides(one.unit), best.cosine)
        return Matches(one, other, best, p, benjamini_hochberg(p), best.mutual & (p <= self.level))

    def of(self, layer: Layered) -> Dictionary:
        """The directions that the rule is about."""
        return layer.living if self.level is None else layer.usable

    def threshold(self, null: Null) -> float:
        """The cosine from which features match; under rule mutual, where each has its own, that of all pooled."""
        return PUBLISHED if self.level is None else float(np.clip(np.quantile(null.cosines, 1 - self.level), 0.0, 1.0))

    def against_random(self, one: Dictionary, other: Dictionary, n_draws: int, seed: list[int]) -> Null:
        """The same with random dictionaries in place of ``other``."""
        chance, rates, cosines = other.chance, [0.0], [np.ones(1)]
        if chance is not None and one.n:
            sides, rates, cosines = chance.sides(one.unit), [], []
            for draw in range(n_draws):
                unit = chance.draw(np.random.default_rng([*seed, draw]))
                best = best_partners(one.unit, unit, unsigned=self.level is None)
                rates.append(float(self._matched(best, chance, sides).mean()))
                cosines.append(best.cosine)
        return Null(float(np.mean(rates)), np.concatenate(cosines))

    def _matched(self, best: Best, chance: Chance, sides: Sides) -> Flags:
        if self.level is None:
            return best.cosine >= PUBLISHED
        found, own = best.mutual.copy(), np.flatnonzero(best.mutual)
        found[own] = chance.p_of_best(sides.of(own), best.cosine[own]) <= self.level
        return found


def mutual_rule(level: float) -> Rule:
    """The default."""
    return Rule("mutual", "cosine", level)


PUBLISHED_RULE = Rule("published", "absolute_cosine")


def persistence_row(
    rule: Rule, kind: str, ends: tuple[Layered, Layered], n_null: int, n_bootstrap: int, seed: list[int]
) -> tuple[dict[str, Any], Matches]:
    """The row of table ``persistence`` for the features of the first of two layers, and its matches."""
    one, other = (rule.of(layer) for layer in ends)
    found = rule.match(one, other)
    null = rule.against_random(one, other, n_null, seed)
    again = [float(rule.match(one, seeded).matched.mean()) for seeded in ends[0].others if one.n]
    kept = found.best.cosine[found.matched]
    n_strong = int((kept >= STRONG).sum())
    low, high = interval(found, n_bootstrap, seed)
    row = {
        "kind": kind,
        "from_sae": one.sae_id,
        "from_layer": one.layer,
        "to_sae": other.sae_id,
        "to_layer": other.layer,
        "n_matches": len(kept),
        "n_high_matches": n_strong,
        "persistence_rate": len(kept) / max(one.n, 1),
        "high_persistence_rate": n_strong / max(one.n, 1),
        "mean_cosine": float(kept.mean()) if len(kept) else 0.0,
        "n_alive_from": one.n,
        "match_threshold": rule.threshold(null),
        "high_match_threshold": STRONG,
        "measure": rule.measure,
        "rule": rule.name,
        "null_rate": null.rate,
        "seed_rate": float(np.mean(again)) if again else None,
        "low": low,
        "high": high,
    }
    return row, found


def interval(found: Matches, n_draws: int, seed: list[int]) -> tuple[float, float]:
    """95 % interval of the share of matched features: the wider of a bootstrap and Wilson's.

    Features with the same best partner are one unit of the bootstrap: they are near each other, and are matched or not
    together. Wilson's takes features as independent, and has a width where none or all are matched.
    """
    if not found.one.n:
        return 0.0, 1.0
    _, unit = np.unique(found.best.partner, return_inverse=True)
    size, hits = np.bincount(unit), np.bincount(unit, weights=found.matched)
    times = np.random.default_rng(seed).multinomial(len(size), np.full(len(size), 1 / len(size)), size=n_draws)
    shares = (times @ hits) / (times @ size)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    (least,), (most,) = wilson(hits.sum(keepdims=True).astype(int), size.sum(keepdims=True), CONFIDENCE)
    return float(min(low, least)), float(max(high, most))
