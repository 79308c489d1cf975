"""Gradients over layers: loops, printed p, planted gradients, and how often one is called where there is none."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import mannwhitneyu, pearsonr, rankdata, t

from tasks.analyses.steering.gradient import MEASURES, gradient, layer_gradient

LAYERS, N_FEATURES = (0, 1, 2, 3), 10
ARMS = ("feature", "random")


def panel(rng, slope, control_slope, n_layers=4):
    """Rows of steering_summary of one read-out: effects grow by a slope a layer, those of controls by another."""
    rows = []
    for layer in LAYERS[:n_layers]:
        for feature in range(N_FEATURES):
            shared = rng.normal()
            for arm, own in zip(ARMS, (slope, control_slope), strict=True):
                mean = own * layer + shared + 0.5 * rng.normal()
                rows.append(
                    {"sae_id": f"L{layer}", "layer": layer, "feature": feature, "kind": "ON", "arm": arm}
                    | {"multiplier": 5.0, "readout": "pseudotime", "n_cells": 20, "mean": mean, "per_dose": mean / 2}
                    | {"fraction_positive": float(mean > 0), "degenerate": layer == 3}
                )
    return pl.DataFrame(rows)


def row_of(found, arm, scope="computed", measure="mean"):
    return found.filter(arm=arm, scope=scope, measure=measure).row(0, named=True)


def test_correlations_and_tests_are_those_of_a_loop():
    summary = panel(np.random.default_rng(0), 0.5, 0.1)
    found = layer_gradient(summary, 10)
    assert set(found["measure"]) == set(MEASURES)
    assert set(found["arm"]) == {"feature", "random", "less_random"}
    for scope, n_layers in (("computed", 3), ("all", 4)):
        row, own = row_of(found, "feature", scope), summary.filter(pl.col("layer") < n_layers, arm="feature")
        assert (row["n_features"], row["n_layers"], row["last_layer"]) == (10 * n_layers, n_layers, n_layers - 1)
        assert row["rho"] == pytest.approx(pearsonr(rankdata(own["layer"]), rankdata(own["mean"])).statistic)
        last, earlier = (own.filter((pl.col("layer") == n_layers - 1) == is_last)["mean"] for is_last in (True, False))
        assert row["last_mean"] == pytest.approx(last.mean())
        assert row["earlier_mean"] == pytest.approx(earlier.mean())
        assert row["p_last"] == pytest.approx(mannwhitneyu(last, earlier, alternative="greater").pvalue)
    numbered = summary.rename({"feature": "number"}).filter(pl.col("layer") < 3)
    both = numbered.pivot("arm", index=["layer", "number"], values="mean")
    less = both["feature"] - both["random"]
    assert row_of(found, "less_random")["rho"] == pytest.approx(pearsonr(rankdata(both["layer"]), rankdata(less))[0])
    assert found.filter(pl.col("scope") == "all")["q"].null_count() == found.filter(pl.col("scope") == "all").height
    assert found.filter(arm="random")["q"].null_count() == found.filter(arm="random").height
    assert found.filter(scope="computed", arm="feature")["q"].null_count() == 0


@pytest.mark.parametrize(("rho", "p"), [(0.361, 0.017), (0.226, 0.145), (0.059, 0.71), (-0.178, 0.25)])
def test_the_printed_p_are_those_of_the_printed_correlations(rho, p):
    """43 ON features are kept (12, 10, 9 and 12); values of single features are not printed, nor deposited here."""
    n = 12 + 10 + 9 + 12
    layer = np.repeat([0.0, 5.0, 11.0, 17.0], [12, 10, 9, 12])
    noise = np.random.default_rng(0).normal(size=n)
    lowest, highest = -50.0, 50.0
    for _ in range(80):  # values whose rank correlation with layers is the printed one, as near as ranks allow
        middle = (lowest + highest) / 2
        reached = pearsonr(rankdata(middle * layer / 17 + noise), rankdata(layer)).statistic
        lowest, highest = (middle, highest) if reached < rho else (lowest, middle)
    own = pl.DataFrame({"layer": layer.astype(int), "mean": highest * layer / 17 + noise})
    _, _, found, found_p, *_ = gradient(own, "mean")
    assert found == pytest.approx(rho, abs=0.02)
    assert found_p == pytest.approx(2 * t.sf(abs(found) * np.sqrt((n - 2) / (1 - found**2)), n - 2))
    assert 2 * t.sf(abs(rho) * np.sqrt((n - 2) / (1 - rho**2)), n - 2) == pytest.approx(p, abs=6e-3)


def rates(slope, control_slope, n_draws, seed):
    """Shares of p <= 0.05 by arm, and share of draws with p_last <= 0.05 of the features."""
    called = {"feature": [], "random": [], "less_random": [], "last": []}
    for draw in range(n_draws):
        summary = panel(np.random.default_rng([seed, draw]), slope, control_slope)
        own, other = (summary.filter(arm=arm) for arm in ARMS)
        arms = {"feature": own, "random": other, "less_random": own.with_columns(mean=own["mean"] - other["mean"])}
        for arm, rows in arms.items():
            *_, p, _, _, _, p_last = gradient(rows, "mean")
            called[arm].append(p <= 0.05)
            called["last"] += [p_last <= 0.05] if arm == "feature" else []
    return {name: float(np.mean(one)) for name, one in called.items()}


def test_where_layers_do_not_differ_few_gradients_are_called():
    found = rates(0.0, 0.0, 200, 1)
    print(f"no gradient: {found}")
    assert max(found.values()) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def test_a_gradient_of_the_layers_is_told_from_one_of_the_features():
    """Features and controls share a slope: both are called, their difference is not. Features alone: all are."""
    shared, own = rates(1.0, 1.0, 200, 2), rates(1.0, 0.0, 50, 3)
    print(f"of the layers: {shared}; of the features: {own}")
    assert min(shared["feature"], shared["random"]) >= 0.9
    assert shared["less_random"] <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
    assert min(own["feature"], own["less_random"]) >= 0.9
    assert own["random"] <= 0.05 + 3 * (0.05 * 0.95 / 50) ** 0.5


def test_one_layer_or_few_features_have_no_gradient():
    summary = panel(np.random.default_rng(0), 0.5, 0.1, n_layers=1)
    assert layer_gradient(summary, 10).is_empty()
    assert layer_gradient(panel(np.random.default_rng(0), 0.5, 0.1), 21).is_empty()
