"""Deposited files, made from the figures printed of them: what follows from the printed figures comes out again.

Held here: the panel, the cells that comparisons keep, signs, shares and significant features of the probes at the last
layer (D4 of the published study's defects), and that every printed Mann-Whitney p is one that our test gives for the
printed numbers of features. Not held: effects, shares and concordance that depend on values of single cells, which are
not printed.
"""

import json

import numpy as np
import polars as pl
import pytest
from scipy.stats import mannwhitneyu

from tasks.analyses.steering.aggregate import corrected
from tasks.analyses.steering.deposit import read_deposit
from tasks.analyses.steering.deposit_step import STEP, DepositSettings, find_deposit
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.steering_deposit import features, write_deposit
from tests.builders.steps import do_step

PRINTED_P = {
    (12, 8): (0.473, 0.734, 0.115, 0.039, 0.270, 0.0055, 0.238, 0.970, 0.851, 0.384, 0.025),
    (10, 8): (0.829, 0.274, 0.762, 0.573, 0.633, 0.237, 0.965),
    (9, 8): (0.888, 0.370, 0.481, 0.015, 0.743, 0.236, 0.011),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_deposit(tmp_path_factory.mktemp("deposit") / "P2_steering")


@pytest.fixture(scope="module")
def tables(source):
    return read_deposit(find_deposit(source))


def test_tables_keep_their_contract(source, tmp_path):
    made = StepFolder.open(do_step(STEP, DepositSettings(source=source), tmp_path / "deposit-1"))
    for table in STEP.tables:
        assert_contract(made.read_table(table), table, imported=True)
        assert made.read_table(table).height > 0


def test_the_printed_panel_and_the_cells_that_are_kept(tables):
    panel = tables["steering_feature"]
    printed = [(layer, feature, kind, d) for layer, kind, _, feature, d in features()]
    assert sorted(panel.select("layer", "feature", "kind", "d").rows()) == sorted(printed)
    kept = tables["steering_contrast"].filter(pl.col("multiplier") == 5.0, readout="signature")
    assert kept.sort("layer").select("n_first", "n_second").rows() == [(12, 8), (10, 8), (9, 8), (12, 8)]
    counted = tables["readout_concordance"].filter(pl.col("multiplier") == 5.0, scope="all")["n_features"]
    assert set(counted) == {75}


def test_figures_of_the_last_layer_come_out_as_printed(tables):
    """ON .833 (10/2) and .667 (8/4), OFF .125 (1/7) and .375 (3/5); Mann-Whitney p .0055 and .238."""
    at = tables["steering_summary"].filter(pl.col("multiplier") == 5.0, layer=17)
    printed = {("probability", "ON"): (0.833, 10, 2), ("probability", "OFF"): (0.125, 1, 7)}
    printed |= {("pseudotime", "ON"): (0.667, 8, 4), ("pseudotime", "OFF"): (0.375, 3, 5)}
    for (readout, kind), (share, up, down) in printed.items():
        part = at.filter(readout=readout, kind=kind)
        assert part["fraction_positive"].mean() == pytest.approx(share, abs=5e-4)
        significant = part.filter(pl.col("q_published") <= 0.05)
        assert (significant.filter(pl.col("mean") > 0).height, significant.filter(pl.col("mean") < 0).height) == (
            up,
            down,
        )
        assert part["degenerate"].all()
        assert part["q_cells"].null_count() == part.height  # it is in the weights, and enters no correction
    contrasts = tables["steering_contrast"].filter(pl.col("multiplier") == 5.0, layer=17)
    p = dict(contrasts.select("readout", "p").iter_rows())
    assert p["probability"] == pytest.approx(0.0055, abs=5e-5)
    assert p["pseudotime"] == pytest.approx(0.238, abs=5e-4)
    assert contrasts.filter("degenerate")["q"].null_count() == 2


@pytest.mark.parametrize("sizes", PRINTED_P)
def test_every_printed_p_is_one_that_the_test_can_give(sizes):
    """Of samples of the printed sizes, one for each value of U."""
    n_on, n_off = sizes
    reached = []
    for u in range(n_on * n_off + 1):
        below = [min(n_off, max(0, u - n_off * place)) for place in range(n_on)]  # OFF features below each ON feature
        on = [count - 0.5 + 1e-3 * place for place, count in enumerate(below)]
        reached.append(mannwhitneyu(on, range(n_off), alternative="two-sided").pvalue)
    for p in PRINTED_P[sizes]:
        digits = 5e-5 if p < 0.01 else 6e-4
        assert np.abs(np.array(reached) - p).min() < digits, p


def test_the_best_printed_p_does_not_survive_correction():
    """D4, D16: of the 32 tests of ON against OFF, in the 25 different p that are printed, none has q at most 0.05."""
    printed = pl.DataFrame({"p": [p for own in PRINTED_P.values() for p in own]})
    assert corrected(printed, "p", "q", pl.lit(value=True))["q"].min() > 0.05


def test_dose_response_is_of_the_features_with_four_multipliers(tables):
    dose = tables["dose_response"]
    assert dose.filter(readout="signature").height == 29  # as printed
    last = dose.filter(layer=17, readout="probability")
    assert last["monotone"].all()
    assert last["sign_stable"].all()
    assert last["degenerate"].all()


def spoil(path, change):
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(idx=7), "says layer 0 and feature 7"),
        (lambda raw: raw.update(kind="OFF"), "kind OFF does not go with d = 0.97"),
        (lambda raw: raw.pop("alphas"), "no key 'alphas'"),
        (lambda raw: raw.update(alphas={}), "none of the read-outs"),
        (lambda raw: raw["alphas"].update({"1.0": {}}), "a multiplier of 1 changes nothing"),
        (lambda raw: raw["alphas"]["2.0"]["marker_score"].update(mean=9.0), "marker_score at 2.0 says mean 9"),
        (lambda raw: raw["alphas"]["2.0"]["marker_score"]["values"].pop(), "numbers for"),
        (lambda raw: raw["alphas"]["2.0"]["marker_score"]["values"].__setitem__(0, float("nan")), "numbers for"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_named(tmp_path, change, message):
    folder = write_deposit(tmp_path / "deposit")
    path = folder / "features" / "L0_F25.json"
    spoil(path, change)
    with pytest.raises(RequestError, match=message) as refused:
        read_deposit(find_deposit(folder))
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_cut_short_and_a_layer_too_deep_are_refused(tmp_path):
    folder = write_deposit(tmp_path / "deposit") / "features"
    (folder / "L0_F25.json").rename(folder / "L18_F25.json")
    spoil(folder / "L18_F25.json", lambda raw: raw.update(layer=18))
    with pytest.raises(RequestError, match="has no feature 25 of layer 18"):
        read_deposit(find_deposit(folder))
    path = folder / "L0_F2061.json"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(RequestError, match="no JSON, or cut short"):
        read_deposit(find_deposit(folder))


def test_a_folder_without_such_files_is_no_deposit(tmp_path):
    assert find_deposit(tmp_path) is None
