"""Drawn sets of effects in which few pairs are a feature's own: what is found and what is false, by their share."""

from typing import Any

import numpy as np

from tests.builders.planted_specificity import judged, rare

SHARES = (0.01, 0.03, 0.07, 0.2)
RULES = ("doubled", "specific", "oracle", "calibrated", "published")
WORDS = {
    "doubled": "2 max(p, p_control)",
    "specific": "specific",
    "oracle": "as specific, law of controls known",
    "calibrated": "calibrated",
    "published": "published",
}


def rare_rates(draws: int) -> dict[str, Any]:
    """By share of true pairs and rule: mean false share of the calls, its standard error, and the share found."""
    return {f"{share:g}": _rates([judged(rare(share), seed) for seed in range(draws)]) for share in SHARES}


def _rates(found: list[dict[str, Any]]) -> dict[str, Any]:
    rates: dict[str, Any] = {"draws": len(found), "pairs": len(found[0]["truth"])}
    for rule in RULES:
        calls = [(each["calls"][rule], each["truth"], each["some"]) for each in found]
        false = np.array([(called & ~truth).sum() / max(called.sum(), 1) for called, truth, _ in calls])
        rates[rule] = {
            "fdr": float(false.mean()),
            "error": float(false.std(ddof=1) / len(false) ** 0.5),
            "recall": float(np.mean([called[truth].mean() for called, truth, _ in calls])),
            "recall_some": float(np.mean([called[truth & some].mean() for called, truth, some in calls])),
        }
    return rates


def rare_lines(figures: dict[str, Any]) -> list[str]:
    first = next(iter(figures.values()))
    lines = [
        f"{first['draws']} draws of {first['pairs']:,} pairs, few a feature's own, a third of these in some cells:",
        f"  {'true':>5}  {'rule':<36}{'false':>16}{'found':>8}{'in some cells':>15}",
    ]
    for share, rates in figures.items():
        for rule, words in WORDS.items():
            row = rates[rule]
            false = f"{row['fdr']:.4f} +- {row['error']:.4f}"
            lines.append(
                f"  {float(share):>5.0%}  {words:<36}{false:>16}{row['recall']:>8.3f}{row['recall_some']:>15.3f}"
            )
    return lines
