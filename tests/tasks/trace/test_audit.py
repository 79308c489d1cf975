"""What reduced precision changes: figures against a loop, and the step that measures it."""

import numpy as np
import pytest
import torch

from tasks.store import RequestError, StepFolder
from tasks.trace.audit import audited_features, compare
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import rules
from tests.builders.contract import assert_contract
from tests.builders.steps import do_step
from tests.tasks.trace.conftest import SETTINGS

PUBLISHED = rules(TraceSettings())[0]


def run(folders, folder, **change):
    settings = SETTINGS.model_copy(update=change)
    return StepFolder.open(do_step("trace", settings, folder, layer=1, **folders.reads))


@pytest.fixture(scope="module")
def bf16(folders, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "trace-1"
    return run(folders, folder, precision="bf16", audit_fraction=0.5, effects=["total", "direct"])


def test_comparing_equals_a_loop_over_targets():
    generator = torch.Generator().manual_seed(0)
    exact = torch.randn(9, 40, generator=generator) * (torch.rand(9, 40, generator=generator) < 0.5)
    exact[:, :5] = 0
    reduced = torch.where(torch.rand(9, 40, generator=generator) < 0.8, exact, -exact)
    found = compare(reduced, exact, PUBLISHED)
    live = [j for j in range(40) if reduced[:, j].any() or exact[:, j].any()]
    assert len(found.d) == len(live) < 40
    d = np.array([[float(x[:, j].double().mean() / x[:, j].double().std()) for j in live] for x in (reduced, exact)])
    np.testing.assert_allclose(found.d, abs(d[0] - d[1]))
    assert found.disagree == (np.sign(d[0]) * np.sign(d[1]) < 0).sum() > 0
    positive = np.array([[(x[:, j] > 0).float().mean().item() for j in live] for x in (reduced, exact)])
    assert (found.edges.numpy() == ((abs(d) > 0.5) & (np.maximum(positive, 1 - positive) > 0.7))).all()


def test_the_audited_features_are_enough_and_of_every_degree():
    drawn = audited_features({feature: feature for feature in range(400)}, 0.01, [0])
    assert [int(feature) // 100 for feature in drawn] == [0, 1, 2, 3]


def test_a_run_in_float32_has_nothing_to_audit(traced):
    assert not traced.shards("precision_audit")


def test_bfloat16_is_audited(bf16):
    audit = bf16.read_table("precision_audit")
    assert_contract(audit, "precision_audit")
    assert audit["n_features"].to_list() == [9] * 4  # half of 18, for two effects on two layers
    assert (audit["max_d_difference"] > 0).all()
    assert (audit["edge_jaccard"] > 0.5).all()


def test_bfloat16_effects_are_near_those_of_float32(bf16, traced):
    key = ["source_feature", "target_layer", "target_feature"]
    both = bf16.read_table("edge_stat").filter(effect="total").join(traced.read_table("edge_stat"), on=key)
    difference = (both["mean"] - both["mean_right"]).abs()
    assert 1e-5 < difference.max() < 0.3
    assert difference.median() < 0.01


def test_displacing_nothing_gives_exactly_zero_in_bfloat16(bf16):
    zero = bf16.read_table("trace_control").filter(control="zero")
    assert zero.height == 6
    assert zero["max_abs_effect"].max() == 0


def test_tf32_without_cuda_is_refused(folders, tmp_path):
    with pytest.raises(RequestError, match=r'trace\.precision = "tf32" needs a CUDA device: write float32, or bf16'):
        run(folders, tmp_path / "trace-1", precision="tf32")
