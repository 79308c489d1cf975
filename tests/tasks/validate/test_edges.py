import numpy as np
import polars as pl
import pytest

from tasks.store import ScfmError, StepFolder
from tasks.validate.edges import called_edges, no_edges, rule_of, sense
from tests.builders.contract_frames import contract_frame

RULE = {
    "effect_min": 0.5,
    "consistency_min": 0.7,
    "q_max": 0.05,
    "nonzero_min": 5,
    "symmetric": True,
    "meaning": "-",
    "controlled": None,
    "unit": None,
    "ablation": None,
    "multiplier": None,
    "positions": None,
}
UNKNOWN = ("n_control", "control_mean", "control_sd", "excess", "p_control", "q_specific", "n_units")


def write_trace(folder, rows, rules=(RULE,)):
    criteria = [{"criterion": "calibrated"} | rule for rule in rules]
    with StepFolder.create(folder) as out:
        with out.unit("all") as unit:
            unit.table("criterion", contract_frame("criterion", criteria))
            if rows is not None:
                unit.table("edge_stat", contract_frame("edge_stat", rows))
        out.finish()
    return folder


def measured(n_pos, n_neg, g, q, target=0, effect="total"):
    ends = {"source_sae": "A", "source_layer": 0, "source_feature": 3, "target_sae": "B", "target_layer": 1}
    rest = {"n_cells": 20, "mean": g, "sd": 1.0, "d": g, "n_exceed": 0, "n_perm": 500, "exact": False, "p": q}
    counts = {"target_feature": target, "n_pos": n_pos, "n_neg": n_neg}
    unknown = dict.fromkeys(UNKNOWN)
    return {"effect": effect, **ends, **counts, "g": g, "q": q, **rest, **unknown}


def slow_rule(row):
    responding = row["n_pos"] + row["n_neg"]
    return (
        responding >= 5
        and max(row["n_pos"], row["n_neg"]) / responding > 0.7
        and abs(float(np.float32(row["g"]))) > 0.5
        and row["q"] <= 0.05
    )


def test_the_calibrated_rule_equals_its_definition(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        measured(*rng.integers(0, 11, 2).tolist(), float(rng.normal()), float(rng.choice([0.01, 0.05, 0.06])), target)
        for target in range(600)
    ]
    found = called_edges([write_trace(tmp_path / "trace-0", rows)], "total", "calibrated")
    expected = [row["target_feature"] for row in rows if slow_rule(row)]
    assert found["target_feature"].to_list() == expected
    assert 20 < len(expected) < 300


@pytest.mark.parametrize(
    ("row", "called"),
    [
        (measured(7, 0, 0.5, 0.05), False),  # effect: exclusive
        (measured(7, 3, 0.6, 0.05), False),  # agreement: exclusive
        (measured(0, 5, -0.6, 0.05), True),  # few cells and q: inclusive
        (measured(0, 4, -0.6, 0.05), False),
        (measured(8, 0, 0.6, 0.0500001), False),
        (measured(0, 0, 0.6, 0.01), False),
    ],
)
def test_limits_of_the_rule(tmp_path, row, called):
    assert called_edges([write_trace(tmp_path / "trace-0", [row])], "total", "calibrated").height == int(called)


def test_traces_are_joined_and_effects_kept_apart(tmp_path):
    total, direct = measured(9, 0, 2.0, 0.01), measured(9, 0, 3.0, 0.01, effect="direct")
    other = measured(0, 9, -1.0, 0.01) | {"source_sae": "0"}
    traces = [write_trace(tmp_path / "trace-0", [total, direct]), write_trace(tmp_path / "trace-1", [other])]
    assert called_edges(traces, "total", "calibrated")["g"].to_list() == [-1.0, 2.0]
    assert called_edges(traces, "direct", "calibrated")["g"].to_list() == [3.0]


def test_a_rule_without_q_tests_the_rest(tmp_path):
    folder = write_trace(tmp_path / "trace-0", [measured(9, 0, 2.0, 1.0)], [RULE | {"q_max": None}])
    assert called_edges([folder], "total", "calibrated").height == 1


@pytest.mark.parametrize("rows", [None, []])
def test_a_trace_without_pairs_has_no_edges(tmp_path, rows):
    found = called_edges([write_trace(tmp_path / "trace-0", rows)], "total", "calibrated")
    assert found.height == 0
    assert found.schema == no_edges().schema


@pytest.mark.parametrize("rules", [(), (RULE, RULE)])
def test_a_trace_needs_one_calibrated_rule(tmp_path, rules):
    folder = write_trace(tmp_path / "trace-0", [measured(9, 0, 2.0, 0.01)], rules)
    with pytest.raises(ScfmError, match="criteria named calibrated, not one: trace this layer anew"):
        called_edges([folder], "total", "calibrated")


def test_specific_edges_are_judged_by_their_own_q(tmp_path):
    rules = [RULE, RULE | {"criterion": "specific", "controlled": True}]
    rows = [measured(9, 0, 2.0, 0.01, target) | {"q_specific": q} for target, q in enumerate([0.05, 0.06, None])]
    traces = [write_trace(tmp_path / "trace-0", rows, rules)]
    assert rule_of(traces, "specific") == "specific"
    assert rule_of(traces, "calibrated") == "calibrated"
    assert called_edges(traces, "total", "specific")["target_feature"].to_list() == [0]
    assert called_edges(traces, "total", "calibrated")["target_feature"].to_list() == [0, 1, 2]


def test_one_trace_without_controls_makes_all_edges_calibrated_ones(tmp_path):
    rules = [RULE, RULE | {"criterion": "specific", "controlled": True}]
    traces = [write_trace(tmp_path / "trace-0", [], rules), write_trace(tmp_path / "trace-1", [])]
    assert rule_of(traces, "specific") == "calibrated"


def test_no_trace_at_all_has_no_edges():
    assert isinstance(called_edges([], "total", "calibrated"), pl.DataFrame)


def test_a_pair_that_was_not_tested_is_no_edge(tmp_path):
    """Its source is active in too few donors: it has no p and no q."""
    rows = [measured(7, 0, 5.0, None, target=0), measured(7, 0, 5.0, 0.01, target=1)]
    for number, q_max in enumerate((0.05, None)):
        trace = write_trace(tmp_path / f"trace-{number}", rows, [RULE | {"q_max": q_max}])
        assert called_edges([trace], "total", "calibrated")["target_feature"].to_list() == [1]


@pytest.mark.parametrize(
    ("ablation", "multiplier", "wanted"),
    [
        (None, None, -1),
        ("zero", None, -1),
        ("mean", None, -1),
        ("scale", 0.5, -1),
        ("scale", 2.0, 1),
        ("resample", None, 0),
    ],
)
def test_a_trace_tells_which_sign_means_support(tmp_path, ablation, multiplier, wanted):
    done = RULE | {"ablation": ablation, "multiplier": multiplier, "positions": "active"}
    traces = [write_trace(tmp_path / f"trace-{i}", None, [done, done | {"criterion": "published"}]) for i in range(2)]
    assert sense(traces) == wanted
