"""A traced circuit in which most targets answer anything: what each rule calls."""

import pytest

from tasks.store import StepFolder
from tests.builders.planted_circuits import RESPONDERS, Circuit
from tests.builders.planted_trace import judge, trace_planted

CIRCUIT = Circuit(n_sources=12, kinds=RESPONDERS)
OWN = ("everywhere", "somewhere")


@pytest.fixture(scope="module")
def responders(tmp_path_factory) -> StepFolder:
    return trace_planted(CIRCUIT, 0, tmp_path_factory.mktemp("runs") / "trace-1")


def rates(judged) -> dict[str, tuple[float, float]]:
    """By rule: the share of its calls that are no feature's own, and the share of those that it finds."""
    found = {}
    for rule in ("published", "calibrated", "specific"):
        calls = judged.filter(rule)
        found[rule] = (1 - calls["edge"].mean() if calls.height else 0.0, judged.filter("edge")[rule].mean())
    return found


def test_specific_edges_are_found_and_generic_ones_left_out(responders):
    judged = judge(CIRCUIT, responders)
    found = rates(judged)
    assert found["specific"][0] <= 0.05
    assert found["specific"][1] >= 0.95
    for rule in ("published", "calibrated"):
        assert found[rule][0] > 0.5
    for kind in OWN:
        for mirror in (False, True):
            true = judged.filter(judged["edge"] & (judged["kind"] == kind) & (judged["mirror"] == mirror))
            assert true["specific"].mean() >= 0.95, (kind, mirror)
            assert ((true["mean"] > 0) != mirror).all()


def test_a_specific_edge_is_calibrated(responders):
    judged = judge(CIRCUIT, responders)
    assert (judged["calibrated"] | ~judged["specific"]).all()


def test_controls_make_edges_but_hardly_a_specific_one(responders):
    control = responders.read_table("trace_control")
    edges = {}
    for name in ("random_direction", "covariance_matched", "real"):
        own = control.filter(control=name)
        edges[name] = own["n_edges"].sum(), own["n_specific"].sum()
    assert edges["random_direction"][0] > edges["real"][0] / 2
    assert edges["real"][1] == judge(CIRCUIT, responders)["specific"].sum()  # every feature is in the sample
    for name in ("random_direction", "covariance_matched"):
        assert edges[name][1] <= edges["real"][1] * 0.05


@pytest.mark.slow
def test_the_rates_hold_over_many_circuits(tmp_path):
    found = [rates(judge(CIRCUIT, trace_planted(CIRCUIT, seed, tmp_path / f"trace-{seed}"))) for seed in range(1, 11)]
    false = [each["specific"][0] for each in found]
    assert sum(false) / len(false) <= 0.05
    assert sum(each["specific"][1] for each in found) / len(found) >= 0.95
    assert min(each["calibrated"][0] for each in found) > 0.5
