"""Cases about features that are taken out and hidden genes that are predicted without them."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.planted_claims import Tables

NO, YES, OPEN = "not supported", "supported", "cannot be told"
SAE = {"sae_id": "L02-c"}


def patched(rng: np.random.Generator, power: float, n: int = 40) -> Tables:
    """``n`` features beside directions that mean nothing: p is uniform, or raised to ``power`` it is small."""
    p = rng.uniform(size=n) ** power
    features = {**SAE, "feature": range(n), "rule": "paired", "target_kind": "term", "p": p, "p_direction": p}
    summary = {**SAE, "rule": ["paired"], "target_kind": "term", "control_called_share": 0.19}
    return {"causal_patch": pl.DataFrame(features), "causal_patch_summary": pl.DataFrame(summary)}


def damage(rng: np.random.Generator, shift: float, n: int = 20) -> Tables:
    """Hubs beside matches that fire as often, and degree beside cost; ``shift``: standard errors apart."""
    z = rng.normal(shift, 1, 2)
    tests = {
        **SAE, "effect": "total", "criterion": "calibrated", "rule": "same_cells",
        "test": ["hub_matched", "degree_given"], "given_frequency": True, "n_first": [n, 3 * n],
        "statistic": z / 10, "p": np.exp(-(z**2) / 2), "q": np.exp(-(z**2) / 2),
    }  # fmt: skip
    return {"damage_test": pl.DataFrame(tests)}


CASES = (
    ("any_direction_of_its_size", "targets_beyond_directions", NO, partial(patched, power=0.5)),
    ("its_own_direction", "targets_beyond_directions", YES, partial(patched, power=4.0)),
    ("few_patched", "targets_beyond_directions", OPEN, partial(patched, power=4.0, n=5)),
    ("costly_because_frequent", "hubs_cost_more", NO, partial(damage, shift=0.0)),
    ("costly_hubs", "hubs_cost_more", YES, partial(damage, shift=6.0)),
    ("few_matches", "hubs_cost_more", OPEN, partial(damage, shift=6.0, n=3)),
)
