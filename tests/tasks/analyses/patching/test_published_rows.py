"""The published rows, aggregated here, give the published figures, and what they hide."""

import json

import numpy as np
import pytest

from tasks.analyses.patching.tables import ratios, specificity
from tests.shared import shared_path


@pytest.fixture(scope="module")
def published():
    return json.loads(shared_path("published/geneformer_atlas/causal_patching.json").read_text())


def test_published_figures_come_out(published):
    found = ratios([row["sr"] for row in published["features"]])
    assert found["median_specificity"] == pytest.approx(2.357, abs=5e-3)
    assert found["mean_specificity"] == pytest.approx(8.979, abs=5e-3)
    assert (found["n_above_2"], found["n_above_5"]) == (30, 12)
    for row in published["features"]:
        slack = 6e-5 * (1 + row["sr"]) / abs(row["od"]) + 0.0051
        assert specificity(row["td"], row["od"]) == pytest.approx(row["sr"], abs=slack)


def test_what_the_ratio_hides(published):
    target, other = (np.array([row[name] for row in published["features"]]) for name in ("td", "od"))
    assert (target < 0).sum() == 31
    assert np.median(abs(target)) == pytest.approx(0.161, abs=5e-4)
    assert np.median(abs(other)) == pytest.approx(0.072, abs=5e-4)
    few = np.array([row["i"] in (1023, 1683) for row in published["features"]])
    assert target[~few].mean() == pytest.approx(-0.022, abs=5e-4)
    assert other[~few].mean() == pytest.approx(0.012, abs=5e-4)
