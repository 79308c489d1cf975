"""Summaries, contrasts, dose response and concordance, each again by loops."""

import numpy as np
import polars as pl
import pytest
from scipy.special import stdtr
from scipy.stats import pearsonr, rankdata

from tasks.analyses.steering.aggregate import concordance, corrected, dose_response, summarise, t_test
from tasks.analyses.steering.contrasts import contrast

READOUTS = ("marker", "probability", "signature")


@pytest.fixture(scope="module")
def values():
    """16 features of two layers, four multipliers, a control, 3 to 14 cells each."""
    rng = np.random.default_rng(0)
    rows = []
    for layer in (0, 1):
        for feature in range(8):
            kind, n = "ON" if feature < 5 else "OFF", int(rng.integers(3, 15))
            for arm in ("feature", "random"):
                for multiplier in (2.0, 3.0, 5.0, 8.0):
                    for readout in READOUTS:
                        own = (multiplier - 1) * (rng.normal(0.3 if kind == "ON" else -0.3) + rng.normal(size=n))
                        key = (f"L{layer}", layer, feature, kind, arm, multiplier, readout)
                        rows += [(*key, place, (multiplier - 1) * 0.5, value) for place, value in enumerate(own)]
    names = ["sae_id", "layer", "feature", "kind", "arm", "multiplier", "readout", "place", "dose", "value"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture(scope="module")
def summary(values):
    return summarise(values, 1)


def slow_q(p):
    """Benjamini and Hochberg by their definition: the smallest m p_(j) / j over j from the rank onwards."""
    order = np.sort(p)
    return [min(1.0, *(len(p) * order[j] / (j + 1) for j in range(len(p)) if order[j] >= one)) for one in p]


def test_summaries_are_means_over_cells(values, summary):
    for row in summary.iter_rows(named=True):
        own = values.filter(
            *(pl.col(name) == row[name] for name in ("layer", "feature", "arm", "multiplier", "readout"))
        )
        cells, n = own["value"].to_numpy(), own.height
        t = cells.mean() / (cells.std(ddof=1) / np.sqrt(n))
        assert row["n_cells"] == n
        assert row["mean"] == pytest.approx(cells.mean())
        assert row["sd"] == pytest.approx(cells.std())
        assert row["fraction_positive"] == pytest.approx((cells > 0).mean())
        assert row["per_dose"] == pytest.approx(cells.mean() / (0.5 * (row["multiplier"] - 1)))
        assert row["p_cells"] == pytest.approx(2 * stdtr(n - 1, -abs(t)))
        assert row["degenerate"] == (row["layer"] == 1 and row["readout"] == "probability")


def test_q_is_of_the_published_groups_and_of_the_whole_panel(summary):
    assert summary.filter(arm="random")["q_published"].null_count() == summary.filter(arm="random").height
    own = summary.filter(arm="feature")
    for _, part in own.group_by("layer", "kind", "multiplier", "readout"):
        assert part["q_published"].to_list() == pytest.approx(slow_q(part["p_cells"].to_numpy()))
    whole = own.filter(~pl.col("degenerate"))
    assert whole["q_cells"].to_list() == pytest.approx(slow_q(whole["p_cells"].to_numpy()))
    assert summary.filter("degenerate")["q_cells"].null_count() == summary.filter("degenerate").height


def test_few_or_equal_cells_have_the_p_that_they_should():
    assert t_test(np.array([3.0, 5.0])) == 1.0
    assert t_test(np.zeros(9)) == 1.0
    assert t_test(np.ones(9)) == 0.0


def test_nothing_to_correct_gives_null():
    frame = pl.DataFrame({"p": [0.1, None, 0.5]})
    assert corrected(frame, "p", "q", pl.lit(value=False))["q"].to_list() == [None] * 3
    assert corrected(frame, "p", "q", pl.lit(value=True))["q"].to_list() == pytest.approx([0.2, None, 0.5])


def test_dose_response_is_a_rank_correlation(summary):
    found = dose_response(summary)
    assert found.height == 16 * len(READOUTS)
    for row in found.head(20).iter_rows(named=True):
        means = summary.filter(
            pl.col("arm") == "feature", layer=row["layer"], feature=row["feature"], readout=row["readout"]
        ).sort("multiplier")["mean"]
        assert row["rho"] == pytest.approx(pearsonr(rankdata(means.abs()), np.arange(4)).statistic)
        assert row["monotone"] == (row["rho"] > 0.8)
        assert row["sign_stable"] == (len(set(np.sign(means.to_numpy()))) == 1)


def test_concordance_is_over_features_with_enough_cells(summary):
    found = concordance(summary, 5)
    own = summary.filter(pl.col("arm") == "feature", pl.col("n_cells") >= 5, pl.col("multiplier") == 3.0)
    row = found.filter(pl.col("multiplier") == 3.0, scope="all", readout="marker", other_readout="signature").row(
        0, named=True
    )
    one, other = (
        own.filter(readout=name).sort("layer", "feature")["mean"].to_numpy() for name in ("marker", "signature")
    )
    assert row["n_features"] == len(one) < 16
    assert row["rho"] == pytest.approx(pearsonr(rankdata(one), rankdata(other)).statistic)
    assert row["sign_agreement"] == pytest.approx((np.sign(one) == np.sign(other)).mean())
    assert (found["readout"] < found["other_readout"]).all()


def test_contrasts_have_features_as_units(summary):
    found = contrast(summary, 1, 0)
    row = found.filter(pl.col("multiplier") == 5.0, layer=0, readout="marker", contrast="on_random").row(0, named=True)
    part = summary.filter(pl.col("multiplier") == 5.0, layer=0, readout="marker", kind="ON").sort("feature")
    own, other = (part.filter(arm=arm)["mean"].to_numpy() for arm in ("feature", "random"))
    assert (row["n_first"], row["n_second"]) == (5, 5)
    assert row["mean_first"] == pytest.approx(own.mean())
    flips = [np.abs((own - other) @ [1 - 2 * (flip >> bit & 1) for bit in range(5)]) for flip in range(32)]
    assert row["p"] == pytest.approx(np.mean(np.array(flips) >= flips[0] - 1e-12))
    on_off = found.filter(contrast="on_off")
    assert set(on_off["n_first"]) == {5}
    assert set(on_off["n_second"]) == {3}
    tested = found.filter(~pl.col("degenerate"))
    assert tested["q"].to_list() == pytest.approx(slow_q(tested["p"].to_numpy()))
    assert found.filter("degenerate")["q"].null_count() == found.filter("degenerate").height > 0


def test_contrasts_of_features_that_control_themselves_call_no_more_than_nominal(values):
    """Features whose effects are like those of their controls: the rate of p <= 0.05 over 60 drawn panels."""
    rng, small = np.random.default_rng(1), []
    for _ in range(60):
        drawn = rng.normal(size=(2, 12))
        rows = [
            ("L0", 0, f, "ON", arm, 2.0, "marker", 20, drawn[a, f], 1.0, 0.5, 1.0, drawn[a, f], False, 1.0)
            for a, arm in enumerate(("feature", "random"))
            for f in range(12)
        ]
        names = ["sae_id", "layer", "feature", "kind", "arm", "multiplier", "readout", "n_cells", "mean", "sd"]
        names += ["fraction_positive", "mean_dose", "per_dose", "degenerate", "p_cells"]
        small.append(contrast(pl.DataFrame(rows, schema=names, orient="row"), 10, 0)["p"].item() <= 0.05)
    assert np.mean(small) <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5
