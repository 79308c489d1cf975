"""The work of step ``tails``: out-degrees of one source layer, into all target layers together.

1. ``degree``: edges of each source under the chosen rule; sources without any are counted and left out.
2. ``adjusted``: degree freed of what frequency and number of ablated positions explain (``degrees``).
3. Of each, the tail (``power_law``), other laws for it (``alternatives``) and what follows (``verdict``).

Sources that fire often are measured at more positions and in more cells, so their effects pass a test sooner: most of a
heavy tail of degrees can be a heavy tail of frequencies.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.tails.alternatives import (
    ALTERNATIVES,
    Compared,
    Fit,
    bends_down,
    compare,
    curvature,
    power_law,
)
from tasks.analyses.tails.degrees import Degrees, adjusted, with_frequency
from tasks.analyses.tails.power_law import EXACT, PUBLISHED, Rule, Tail, fit_tail, goodness
from tasks.analyses.tails.step import TailsSettings
from tasks.analyses.tails.verdict import as_published, judge, power_against_lognormal
from tasks.analyses.traced import Traced
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]
UNIT = "tails"
NORMAL_95 = 1.959963984540054
KEY = ["effect", "criterion", "sae_id", "what"]
KEYS = {"tail_fit": [*KEY, "rule"], "tail_alternative": [*KEY, "rule", "family"], "tail_curve": [*KEY, "x"]}


def fit_tails(settings: TailsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fit the out-degrees of one source layer."""
    traced = Traced.open("tails", settings, inputs)
    if not out.has(UNIT):
        described = {layer: StepFolder.open(folder) for layer, folder in inputs.layers("describe").items()}
        n_targets = sum(described[layer].read_table("feature").height for layer in traced.target_saes())
        features = traced.degrees()
        samples = {"degree": Degrees(features["degree"].to_numpy(), n_targets)}
        samples["adjusted"] = adjusted(with_frequency(features, traced.folder, described[inputs.own_layer]), n_targets)
        chosen = {**traced.key, "sae_id": traced.source_sae}
        tables: dict[str, list[Row]] = {name: [] for name in KEYS}
        for number, (what, degrees) in enumerate(samples.items()):
            found = fit_all(degrees, settings, [settings.seed, inputs.own_layer, number], what)
            for table, rows in found.items():
                tables[table] += [{**chosen, "what": what, **row} for row in rows]
        with out.unit(UNIT) as shard:
            for table, rows in tables.items():
                shard.table(table, table_frame(table, rows).sort(KEYS[table]))
    fits = out.read_table("tail_fit").filter(rule=settings.rules[0])
    return {"verdicts": dict(fits.select("what", "verdict").iter_rows())}


def fit_all(degrees: Degrees, settings: TailsSettings, seed: list[int], what: str = "degree") -> dict[str, list[Row]]:
    """Rows of all tables behind ``what``."""
    tables: dict[str, list[Row]] = {name: [] for name in KEYS}
    rules = {rule.name: rule for rule in (EXACT, PUBLISHED)}
    for name in settings.rules if what == "degree" else ["exact"]:  # nobody published an adjusted degree
        rule, values = rules[name], degrees.positive
        x_max = rule.x_max or degrees.x_max
        tail = fit_tail(values, x_max, rule, rule.candidates)
        if tail is None:
            tables["tail_fit"].append(
                {**summary(degrees, x_max, name), **dict.fromkeys((*OF_TAIL, *OF_CURVATURE)), "verdict": "cannot_tell"}
            )
            continue
        beyond = values[values >= tail.x_min]
        support = np.arange(tail.x_min, x_max + 1, dtype=np.float64)
        power = power_law(beyond, tail.alpha, support)
        others = [
            compare(power, fit(beyond, tail.alpha, support), beyond, support, not rule.add_one) for fit in ALTERNATIVES
        ]
        fit_row = tail_row(degrees, tail, power, others, settings, rule, seed)
        tables["tail_fit"].append({**summary(degrees, x_max, name), **fit_row})
        tables["tail_alternative"] += [{"rule": name, **alternative_row(one)} for one in others]
        if rule is EXACT:
            tables["tail_curve"] = curve_rows(values, tail, [power, *(one.fit for one in others)])
    return tables


OF_TAIL = (
    "x_min", "n_tail", "alpha", "alpha_low", "alpha_high", "distance", "log_likelihood", "gof_p", "n_draws",
)  # fmt: skip
OF_CURVATURE = ("curvature_z", "curvature_p", "power")


def summary(degrees: Degrees, x_max: int, rule: str) -> Row:
    """What is fitted."""
    values = degrees.positive
    return {
        "rule": rule,
        "n_features": values.size,
        "n_zero": int(degrees.every.size - values.size),
        "median": float(np.median(values)) if values.size else None,
        "largest": int(values[-1]) if values.size else None,
        "x_max": x_max,
    }


def tail_row(
    degrees: Degrees,
    tail: Tail,
    power: Fit,
    others: list[Compared],
    settings: TailsSettings,
    rule: Rule,
    seed: list[int],
) -> Row:
    """The columns of table ``tail_fit`` named in OF_TAIL and OF_CURVATURE, and the verdict."""
    values, support = degrees.positive, np.arange(tail.x_min, tail.x_min + power.log_p.size, dtype=np.float64)
    logs, weight = np.log(support), np.exp(power.log_p)
    beyond = values[values >= tail.x_min]
    half = NORMAL_95 / np.sqrt(tail.n * float(weight @ (logs - weight @ logs) ** 2))
    row = {
        "x_min": tail.x_min,
        "n_tail": tail.n,
        "alpha": tail.alpha,
        "alpha_low": tail.alpha - half,
        "alpha_high": tail.alpha + half,
        "distance": tail.distance,
        "log_likelihood": float(power.log_p[beyond - tail.x_min].sum()),
        "gof_p": goodness(values, tail, int(support[-1]), rule, settings.n_draws, [*seed, 1]),
        "n_draws": settings.n_draws,
    }
    if rule is PUBLISHED:
        return {**row, **dict.fromkeys(OF_CURVATURE), "verdict": as_published(row["gof_p"])}
    square = np.array([(np.log(beyond) ** 2).mean()])
    z = float(curvature(square, np.array([tail.alpha]), tail.n, support)[0])
    p = float(bends_down(np.array([z]))[0])
    power_of = power_against_lognormal(values, tail, degrees.x_max, [*seed, 2])
    verdict = judge(row["gof_p"], p, others, power_of)
    return {**row, "curvature_z": z, "curvature_p": p, "power": power_of, "verdict": verdict}


def alternative_row(one: Compared) -> Row:
    """Table ``tail_alternative`` behind rule."""
    first, second = (*one.fit.parameters, None, None)[:2]
    better = "power_law" if one.test == "vuong" and one.statistic > 0 else one.fit.family
    return {
        "family": one.fit.family,
        "parameter_1": first,
        "parameter_2": second,
        "log_likelihood": one.log_likelihood,
        "test": one.test,
        "statistic": one.statistic,
        "p": one.p,
        "favoured": better if one.p <= 0.05 else "neither",
    }


def curve_rows(values: Ints, tail: Tail, fits: list[Fit]) -> list[Row]:
    """Table ``tail_curve`` behind what: shares of features with a degree of at least x, found and by each law."""
    distinct, counts = np.unique(values, return_counts=True)
    share = np.cumsum(counts[::-1])[::-1] / values.size
    place = distinct - tail.x_min
    laws = {fit.family: np.cumsum(np.exp(fit.log_p)[::-1])[::-1] * (tail.n / values.size) for fit in fits}
    return [
        {
            "x": int(x),
            "share": float(s),
            **{name: float(min(law[k], 1.0)) if k >= 0 else None for name, law in laws.items()},
        }
        for x, s, k in zip(distinct, share, place, strict=True)
    ]
