"""Directions that a circuit predicts against those of a screen: rows of ``validation_summary`` and ``pair_validation``.

Subsets of a line's perturbations and pairs (``signed`` has the statistics):

``all``         every perturbation with ``min_set`` pairs.
``responding``  pairs whose gene responds, q of at most ALPHA.
``on_target``   perturbations whose own gene fell, log2 fold below ``on_target`` and p below ALPHA.
``direct``      pairs that a directed network lists, of factors with at least MIN_DIRECT of them.
``indirect``    the other pairs of these factors, weighted so that bins of expression weigh as among the direct ones.
``direct_minus_indirect``  the difference of both excesses, factor by factor.

``published`` and ``published_e1`` pool the pairs of all perturbations and give no interval; the first holds its
accuracy against 0.5, the second against pi over the pooled pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tasks.validate.circuit import Circuit
from tasks.validate.direction_rules import observed_published, predict_e1, predict_own, predict_published
from tasks.validate.null import Bools, Floats, bins_of_equal
from tasks.validate.report import Row
from tasks.validate.screens import Screen
from tasks.validate.settings import ValidateSettings
from tasks.validate.signed import Signed, mean_interval, odds_by_target, signed_accuracy

ALPHA, MIN_DIRECT, EXPRESSION_BIN = 0.05, 3, 25
STREAM = 4  # of the random numbers
NUMBERS = ("accuracy", "baseline", "excess", "low", "high", "usual", "over_usual", "over_usual_low", "over_usual_high")
ODDS = ("odds_ratio", "odds_low", "odds_high")
NOTHING: Row = dict.fromkeys((*NUMBERS, *ODDS, "rho"))
TOO_FEW = "fewer than 3 perturbations have {} such pairs: no interval can be told"


@dataclass(frozen=True)
class Known:
    """What is known beside the screen: targets by factor (upper case), and mean counts by symbol (upper case)."""

    targets: Mapping[str, frozenset[str]]
    expression: Mapping[str, float]


def summary_rows(circuit: Circuit, screen: Screen, known: Known, settings: ValidateSettings) -> list[Row]:
    """Every subset of one line by our rule, and the published one of phase 6."""
    predicted = predict_own(circuit, screen.genes)
    usual, fold = screen.usual, screen.fold

    def measure(observed: Floats, weight: Floats | None = None, rows: Bools | None = None) -> Signed:
        own = np.ones(len(screen.genes), dtype=bool) if rows is None else rows
        part = None if weight is None else weight[own]
        return signed_accuracy(predicted[own], observed[own], usual[own], settings.min_set, part)

    responding = np.where(screen.values["q"] <= ALPHA, fold, np.nan)
    fell = (screen.on_target < settings.on_target) & (screen.on_target_p < ALPHA)
    rows = []
    for number, (subset, observed, chosen) in enumerate(
        [("all", fold, None), ("responding", responding, None), ("on_target", fold, fell)]
    ):
        seed = [settings.seed, STREAM, number]
        part = slice(None) if chosen is None else chosen
        odds = odds_by_target(predicted[part], observed[part], settings.n_bootstrap, seed)
        rows.append(_row(screen, subset, measure(observed, rows=chosen), settings, seed) | _odds(odds))
    direct, indirect = direct_weights(circuit, screen, predicted, known)
    found = (measure(fold, direct), measure(fold, indirect))
    for number, (subset, one) in enumerate(zip(("direct", "indirect"), found, strict=True), start=3):
        rows.append(_row(screen, subset, one, settings, [settings.seed, STREAM, number]) | _odds(None))
    rows.append(_contrast(screen, *found, settings))
    rows.append(
        published_row(screen, "published", predict_published(circuit, screen.genes), observed_published(screen))
    )
    return rows


def e1_rows(circuit: Circuit, screen: Screen, settings: ValidateSettings) -> list[Row]:
    """The published rule of E1, ``circuit`` and ``screen`` of 15 genes an end, with and without its filter."""
    predicted, observed = predict_e1(circuit, screen.genes), screen.values["published_e1_log2"]
    fell = (screen.on_target < settings.on_target) & (screen.on_target_p < ALPHA)
    rule = "published_e1"
    return [
        published_row(screen, rule, predicted, observed),
        published_row(screen, rule, predicted[fell], observed[fell], "on_target"),
    ]


def published_row(screen: Screen, rule: str, predicted: Floats, observed: Floats, subset: str = "all") -> Row:
    """Accuracy over pooled pairs."""
    used = np.isfinite(observed) & (predicted != 0) & (observed != 0)
    one, other = predicted[used] < 0, observed[used] < 0
    n = int(used.sum())
    row = NOTHING | {"line": screen.line, "rule": rule, "subset": subset, "n_draws": 0, "n_pairs": n}
    row |= {"n_perturbations": int(used.any(axis=1).sum()), "reason": None if n else "there is no such pair"}
    if not n:
        return row
    down, low = one.mean(), other.mean()
    baseline = 0.5 if rule == "published" else float(down * low + (1 - down) * (1 - low))
    accuracy = float((one == other).mean())
    return row | {"accuracy": accuracy, "baseline": baseline, "excess": accuracy - baseline}


def direct_weights(circuit: Circuit, screen: Screen, predicted: Floats, known: Known) -> tuple[Floats, Floats]:
    """Weights [P, B] of direct and of indirect pairs, 0 elsewhere: bins of expression weigh alike in both.

    A bin without indirect pairs of a factor is left out of both.
    """
    symbols = [symbol.upper() for symbol in circuit.target_symbols]
    pairs = (predicted != 0) & np.isfinite(screen.fold)
    listed = np.array([[s in known.targets.get(gene, ()) for s in symbols] for gene in screen.genes], dtype=bool)
    listed = listed.reshape(pairs.shape) & pairs
    others = pairs & ~listed & (listed.sum(axis=1) >= MIN_DIRECT)[:, None]
    means = np.array([known.expression.get(symbol, 0.0) for symbol in symbols])
    direct, indirect = np.zeros(pairs.shape), np.zeros(pairs.shape)
    for bin_ in bins_of_equal(means, np.zeros(means.size, dtype=np.int64), EXPRESSION_BIN):
        n_direct, n_other = (mask[:, bin_].sum(axis=1, keepdims=True) for mask in (listed, others))
        both = n_other > 0
        direct[:, bin_] = listed[:, bin_] & both
        indirect[:, bin_] = others[:, bin_] * (n_direct / np.maximum(n_other, 1))
    return direct, indirect


def _row(screen: Screen, subset: str, found: Signed, settings: ValidateSettings, seed: list[int]) -> Row:
    used = found.used
    row = NOTHING | {"line": screen.line, "rule": "own", "subset": subset, "n_draws": settings.n_bootstrap}
    row |= {"n_perturbations": int(used.sum()), "n_pairs": int(found.n[used].sum()), "reason": None}
    if not used.any():
        return row | {"n_draws": 0, "reason": f"no perturbation has {settings.min_set} such pairs"}
    excess, over = (found.accuracy - other for other in (found.baseline, found.usual))
    over = over[np.isfinite(over)]
    means = {name: float(getattr(found, name)[used].mean()) for name in ("accuracy", "baseline")}
    row |= means | {"excess": float(excess[used].mean()), "rho": _mean(found.rho), "usual": _mean(found.usual)}
    row |= _bounds("", mean_interval(excess[used], settings.n_bootstrap, seed))
    row |= {"over_usual": _mean(over)} | _bounds("over_usual_", mean_interval(over, settings.n_bootstrap, seed))
    return row | {"reason": None if row["low"] is not None else TOO_FEW.format(settings.min_set)}


def _contrast(screen: Screen, direct: Signed, indirect: Signed, settings: ValidateSettings) -> Row:
    both = direct.used & indirect.used
    row = NOTHING | {"line": screen.line, "rule": "own", "subset": "direct_minus_indirect"}
    row |= {"n_perturbations": int(both.sum()), "n_pairs": int(direct.n[both].sum()), "n_draws": settings.n_bootstrap}
    if not both.any():
        return row | {"n_draws": 0, "reason": f"no factor has {settings.min_set} pairs of both kinds"}
    difference = ((direct.accuracy - direct.baseline) - (indirect.accuracy - indirect.baseline))[both]
    bounds = _bounds("", mean_interval(difference, settings.n_bootstrap, [settings.seed, STREAM, 5]))
    reason = None if bounds["low"] is not None else TOO_FEW.format(settings.min_set)
    return row | {"excess": float(difference.mean()), "reason": reason} | bounds


def _mean(values: Floats) -> float | None:
    told = values[np.isfinite(values)]
    return float(told.mean()) if len(told) else None


def _bounds(prefix: str, interval: tuple[float, float] | None) -> Row:
    low, high = (None, None) if interval is None else (None if np.isnan(each) else each for each in interval)
    return {f"{prefix}low": low, f"{prefix}high": high}


def _odds(odds: tuple[float, float, float] | None) -> Row:
    values = (None, None, None) if odds is None else [None if np.isnan(each) else each for each in odds]
    return dict(zip(ODDS, values, strict=True))
