"""The published procedures, their costs, and the obvious twin agree with each other."""

from types import SimpleNamespace

import pytest
import torch

from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tests.benchmarks.trace_sides import build
from tests.builders.published_cost import original_flops, retrace_flops
from tests.builders.published_trace import PublishedTrace, dense_codes
from tests.builders.saes import cast
from tests.builders.slow_trace import dense_codes as sorted_codes
from tests.builders.slow_trace import slow_effects
from tests.builders.true_shape import SMALL

TRUE = SimpleNamespace(
    n_layers=18, d_model=1152, d_ff=4608, vocab_size=20_275, n_heads=18, n_key_heads=None, gated=False
)


@torch.inference_mode()
def small_twin(bench, dtype):
    """The bench's twin in one precision, from the tokens on; its last layer is no target."""
    twin, adapter = bench.twin, bench.twin.adapter
    adapter.model.to(dtype)
    embedded = adapter.embed(Batch.of(twin.tokens))
    hidden = run_blocks(adapter, embedded, 0, SMALL.source + 1)[0]
    targets = {layer: cast(sae, dtype) for layer, sae in twin.targets.items() if layer < SMALL.n_layers - 1}
    return PublishedTrace(adapter, cast(twin.source, dtype), targets, twin.tokens, hidden, twin.genes)


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def twin_and_features(request):
    """A small twin in one precision, and features from rare to frequent."""
    bench = build(SMALL, "cpu", "float32")
    return small_twin(bench, request.param), bench.features(6).tolist()


@torch.inference_mode()
def test_all_procedures_find_the_same_effects(twin_and_features):
    twin, features = twin_and_features
    tolerance = 1e-10 if twin.hidden.dtype == torch.float64 else 1e-5
    genes = twin.adapter.is_gene(twin.tokens)
    for feature in features:
        expected = slow_effects(twin.adapter.model, twin.tokens, genes, twin.source, twin.targets, feature)
        assert min(effect.abs().max() for effect in expected.values()) > 0.01
        for procedure in (twin.original, twin.retrace, twin.retrace_to_the_end):
            found = procedure(feature)
            assert list(found) == list(twin.targets)
            for layer, effect in expected.items():
                torch.testing.assert_close(found[layer], effect, rtol=0, atol=tolerance)


@torch.inference_mode()
def test_codes_are_those_of_a_full_sort(twin_and_features):
    twin, _ = twin_and_features
    rows = twin.hidden[twin.genes]
    torch.testing.assert_close(dense_codes(twin.source, rows), sorted_codes(twin.source, rows), rtol=0, atol=0)


def test_the_original_runs_eager_attention_and_leaves_the_model_as_it_was(twin_and_features, monkeypatch):
    twin, features = twin_and_features
    model, asked = twin.adapter.model, []
    switch = model.set_attn_implementation
    monkeypatch.setattr(model, "set_attn_implementation", lambda kind: (asked.append(kind), switch(kind)))
    with torch.inference_mode():
        before = model(twin.tokens[None]).logits
        twin.original(features[0])
        torch.testing.assert_close(model(twin.tokens[None]).logits, before, rtol=0, atol=0)
    assert asked == ["eager", "sdpa"]


def test_flops_are_those_of_the_published_programs():
    """1.7319 and 1.1234 TFLOP a pair, with three target layers; 1.3191 with all twelve."""
    assert original_flops(TRUE, 2048, 4608, 3) == pytest.approx(1.7319e12, rel=1e-4)
    assert retrace_flops(TRUE, 2048, 4608, 3, 12) == pytest.approx(1.1234e12, rel=1e-4)
    assert retrace_flops(TRUE, 2048, 4608, 12, 12) == pytest.approx(1.3191e12, rel=1e-4)
