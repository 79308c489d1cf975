"""Reading activation shards back."""

import numpy as np
import pytest
import torch

from tasks.activations.reader import ActivationReader
from tasks.store import DamagedShard, RequestError, ScfmError
from tests.builders.activations import regular_index, write_activations


@pytest.fixture
def states():
    rng = np.random.default_rng(0)
    return {layer: rng.normal(size=(57, 8)).astype(np.float16) for layer in (0, 2)}


@pytest.fixture
def reader(tmp_path, states):
    return ActivationReader(write_activations(tmp_path / "activations-abc", states, n_chunks=3))


def test_load_returns_every_row_in_order(reader, states):
    for layer, expected in states.items():
        loaded = reader.load(layer)
        assert loaded.dtype == torch.float16
        np.testing.assert_array_equal(loaded.numpy(), expected)


def test_units_tile_the_rows(reader, states):
    seen = 0
    for unit, rows in reader.spans().items():
        assert rows.start == seen
        np.testing.assert_array_equal(reader.states(2, unit).numpy(), states[2][rows])
        seen = rows.stop
    assert seen == reader.n_positions == 57


def test_facts_and_index(reader):
    assert (reader.layers, reader.d_model) == ([0, 2], 8)
    expected = regular_index(57)
    for name, array in vars(reader.index()).items():
        np.testing.assert_array_equal(array, getattr(expected, name))
        assert array.dtype == getattr(expected, name).dtype


def test_a_layer_that_was_not_kept_is_refused(reader):
    with pytest.raises(RequestError, match=r"holds layers \[0, 2\], not 1"):
        reader.load(1)


def test_a_truncated_shard_is_named(tmp_path, states):
    folder = write_activations(tmp_path / "activations-abc", states)
    shard = folder / "layer_02" / "cells-00001.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DamagedShard, match=r"layer_02/cells-00001\.safetensors"):
        ActivationReader(folder).load(2)


def test_an_unfinished_folder_is_refused(tmp_path):
    with pytest.raises(ScfmError, match="not finished"):
        ActivationReader(tmp_path)
