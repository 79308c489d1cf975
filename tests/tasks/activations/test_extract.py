"""Batched extraction against one cell at a time, unpadded."""

import numpy as np
import pytest
import torch

from tasks.activations.extract import choose_positions, extract, kept_index
from tasks.models.batches import take_cells
from tasks.models.load import load_adapter
from tasks.store import ScfmError
from tests.builders.models import random_cells, tiny_geneformer

LENGTHS = [10, 30, 5, 42, 30, 64, 3]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    return load_adapter(tiny_geneformer(tmp_path_factory.mktemp("model"), n_genes=80))


@pytest.fixture
def cells(adapter):
    return random_cells(adapter.vocabulary, LENGTHS)


def genes_of(adapter):
    return np.array(list(adapter.vocabulary.token_of.values()))


def one_by_one(adapter, cells, kept, layer):
    """The plain way: each cell alone, no padding, no mask, then the kept rows."""
    rows = []
    for i in range(cells.n_cells):
        tokens = torch.from_numpy(cells.cell(i).astype(np.int64))[None]
        states = adapter.model(tokens, output_hidden_states=True).hidden_states[layer + 1][0]
        rows.append(states[torch.from_numpy(kept[cells.offsets[i] : cells.offsets[i + 1]])])
    return torch.cat(rows).detach()


@pytest.mark.parametrize("batch_tokens", [1, 100, 10_000])
def test_batches_equal_one_cell_at_a_time(adapter, cells, batch_tokens):
    kept = choose_positions(cells, genes_of(adapter), None, 0)
    states = extract(adapter, cells, kept, [0, 2], batch_tokens)
    assert sorted(states) == [0, 2]
    for layer, found in states.items():
        assert found.dtype == torch.float16
        torch.testing.assert_close(found.float(), one_by_one(adapter, cells, kept, layer), rtol=1e-3, atol=1e-3)


def test_all_genes_and_no_special_token_are_kept(adapter, cells):
    kept = choose_positions(cells, genes_of(adapter), None, 0)
    index = kept_index(cells, kept)
    assert len(index.token) == sum(LENGTHS) - 2 * len(LENGTHS)
    assert index.token.min() >= 4
    for row in range(0, len(index.token), 7):
        cell = int(np.searchsorted(cells.cell_id, index.cell_id[row]))
        assert cells.cell(cell)[index.position[row]] == index.token[row]
    assert (index.cell_id.dtype, index.position.dtype, index.token.dtype) == (np.uint32, np.uint16, np.int32)


def test_drawn_positions_are_genes_and_do_not_depend_on_the_chunk(adapter, cells):
    kept = choose_positions(cells, genes_of(adapter), 6, seed=3)
    assert np.add.reduceat(kept, cells.offsets[:-1]).tolist() == [min(6, n - 2) for n in LENGTHS]
    tail = choose_positions(take_cells(cells, np.arange(3, len(LENGTHS))), genes_of(adapter), 6, seed=3)
    np.testing.assert_array_equal(kept[cells.offsets[3] :], tail)
    assert (choose_positions(cells, genes_of(adapter), 6, seed=4) != kept).any()


def test_a_sample_holds_the_same_states_as_the_whole(adapter, cells):
    every = choose_positions(cells, genes_of(adapter), None, 0)
    some = choose_positions(cells, genes_of(adapter), 4, seed=1)
    whole, sample = (extract(adapter, cells, kept, [1], 100)[1] for kept in (every, some))
    assert torch.equal(whole[torch.from_numpy(some[every])], sample)


def test_states_beyond_half_precision_are_refused(adapter, cells, monkeypatch):
    blocks = adapter.blocks
    monkeypatch.setattr(adapter, "blocks", lambda *given: (hidden * 1e5 for hidden in blocks(*given)))
    with pytest.raises(ScfmError, match="layer 0 has states beyond 65504"):
        extract(adapter, cells, choose_positions(cells, genes_of(adapter), None, 0), [0], 100)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is visible")
def test_cuda_gives_the_states_of_the_cpu(adapter, cells, tmp_path):
    kept = choose_positions(cells, genes_of(adapter), None, 0)
    on_cuda = load_adapter(tiny_geneformer(tmp_path, n_genes=80), "cuda")
    ours, theirs = (extract(model, cells, kept, [0, 2], 100) for model in (on_cuda, adapter))
    for layer, states in ours.items():
        torch.testing.assert_close(states, theirs[layer], rtol=2e-3, atol=2e-3)
