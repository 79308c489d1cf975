"""The estimate follows what is kept."""

from tasks.trace.inputs import load_inputs
from tasks.trace.memory import needed_memory
from tests.tasks.trace.conftest import SETTINGS


def test_the_estimate_holds_what_a_unit_keeps(folders):
    inputs = load_inputs(SETTINGS, 1, folders.saes, folders.model, folders.cells, "cpu")
    states = sum(map(len, inputs.tokens.values())) * 32 * 4  # source outputs, float32
    effects = 7 * 10 * 48 * 4  # a block of features, in every cell, on two layers of 24 features
    assert states + effects < needed_memory(SETTINGS, inputs) < 10_000_000


def test_a_larger_block_needs_more(folders):
    inputs = load_inputs(SETTINGS, 1, folders.saes, folders.model, folders.cells, "cpu")
    larger = needed_memory(SETTINGS.model_copy(update={"feature_block": 70}), inputs)
    assert larger - needed_memory(SETTINGS, inputs) >= 63 * 10 * 48 * 4
