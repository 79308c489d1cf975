"""A planted circuit, traced and summarised: signs, replication and responses are those that were planted."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.effect_sizes.archive import Archive
from tasks.analyses.effect_sizes.step import EffectSizesSettings
from tasks.analyses.effect_sizes.work import Summaries
from tasks.store import table_frame
from tasks.trace.significance.rules import rules
from tests.builders.planted_circuits import Circuit, Kind
from tests.builders.planted_trace import settings_of, trace_planted

KINDS = (
    Kind("somewhere", 16, 5.0, present=7 / 12),
    Kind("any direction", 1, 5.0, answers="direction"),
    Kind("null", 2, 0.0),
)
CIRCUIT = Circuit(n_sources=8, kinds=KINDS)
SETTINGS = EffectSizesSettings(wanted=True, null_flips=20, n_draws=99)


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, pl.DataFrame]:
    traced = trace_planted(CIRCUIT, 0, tmp_path_factory.mktemp("runs") / "trace-1")
    settings = settings_of(CIRCUIT)
    archive = Archive(traced, "total", 0, settings, {1: CIRCUIT.n_targets}, None)
    degrees = traced.read_table("feature_degree")
    saes = {1: str(degrees.filter(direction="out")["other_sae"][0])}
    found = Summaries(SETTINGS, archive, str(degrees.filter(direction="out")["sae_id"][0]), saes, rules(settings))
    for block in archive.blocks():
        found.take(block)
    return {name: table_frame(name, rows) for name, rows in found.tables(degrees.filter(direction="in")).items()}


def by_rule(frame: pl.DataFrame) -> dict[str, dict[str, object]]:
    return {row["criterion"]: row for row in frame.iter_rows(named=True)}


def test_half_of_the_edges_are_negative_but_under_the_published_rule(tables):
    """Every target has a mirror image; effects of either sign show in seven of twelve cells."""
    found = by_rule(tables["effect_size_summary"])
    for rule in ("calibrated", "specific"):
        low, high = found[rule]["low"], found[rule]["high"]  # none where it is one half of every source
        assert (low is None and high is None) or low <= 0.5 <= high, rule
        assert found[rule]["share_negative"] == pytest.approx(0.5, abs=0.05), rule
    assert found["published"]["share_negative"] > 0.65
    assert found["published"]["null_negative"] > 0.6 > found["calibrated"]["null_negative"]


def test_edges_of_a_source_repeat_and_those_of_another_do_not(tables):
    found = by_rule(tables["split_half"])
    assert found["specific"]["jaccard"] > 0.45  # half the companions: a bar that is hard to pass
    assert found["specific"]["jaccard_chance"] < 0.1
    assert found["specific"]["sign_agreement"] == 1
    generic = found["calibrated"]["jaccard_chance"]
    assert generic > 3 * found["specific"]["jaccard_chance"]  # targets that answer anything


def test_targets_that_answer_anything_are_told_by_their_response(tables):
    response = tables["target_response"].filter(criterion="calibrated").sort("target_feature")
    kind = np.array([CIRCUIT.kind_of[one].answers for one in response["target_feature"].to_list()])
    answers = response["mean_abs_response"].to_numpy()
    assert np.median(answers[kind == "direction"]) > 5 * np.median(answers[kind == "source"])
    degree = response["degree"].to_numpy()
    assert degree[kind == "direction"].mean() > 5 * degree[kind == "source"].mean()
    residual = response["residual"].to_numpy()
    assert abs(np.corrcoef(residual, np.log10(answers + 1e-6))[0, 1]) < 0.2


def test_sources_without_edges_and_the_cap_are_counted(tables):
    found = by_rule(tables["attenuation"])
    assert {row["n_sources"] for row in found.values()} == {8}
    assert found["published_capped"]["n_edges"] <= min(found["published"]["n_edges"], 50 * 8)
    assert found["specific"]["mean_edges"] >= 0.9 * 32  # planted targets a source, of either sign
