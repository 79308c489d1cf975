"""scFoundation's encoder against a forward pass written out in float64, and at its true size.

What it predicts: ``test_scfoundation_predicts``.
"""

import pytest
import torch

from tasks.models.batches import one_cell
from tasks.models.load import load_adapter
from tasks.store import sha256_file
from tests.builders.models import valued_cells
from tests.builders.plain_post_norm import Weights, plain_scfoundation
from tests.builders.scfoundation_files import PREFIX, TRUE, TRUE_DECODER, tiny_scfoundation
from tests.builders.scgpt_files import symbols
from tests.tasks.models.families.value_models import (
    LENGTHS,
    assert_companions_change_nothing,
    assert_every_layer,
    states,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tiny_scfoundation(tmp_path_factory.mktemp("model") / "tiny", symbols(80))


@pytest.fixture(scope="module")
def adapter(directory):
    return load_adapter(directory)


@pytest.fixture(scope="module")
def cells(adapter):
    return valued_cells(adapter.vocabulary, LENGTHS)


def saved(directory) -> dict:
    return torch.load(directory / "models.ckpt", weights_only=True)


def twin(directory, n_layers, n_heads):
    weights = Weights(saved(directory)["cell"]["state_dict"], PREFIX)
    return lambda tokens, values: plain_scfoundation(weights, tokens, values, n_layers, n_heads)


def test_every_layer_equals_the_written_out_forward_pass(directory, cells):
    double = load_adapter(directory)
    double.model.double()
    assert_every_layer(double, cells, twin(directory, 3, 4), 1e-6)


@pytest.mark.slow
def test_every_layer_at_the_true_size(tmp_path):
    folder = tiny_scfoundation(tmp_path / "scfoundation", symbols(19_264), **TRUE, decoder=TRUE_DECODER)
    adapter = load_adapter(folder)
    assert (adapter.info.vocab_size, adapter.info.max_length) == (19_267, 19_266)
    assert (adapter.info.d_ff, adapter.info.n_parameters) == (3072, 99_941_692 + 19_310_593)
    cells = valued_cells(adapter.vocabulary, [40, 7])
    assert_every_layer(adapter, cells, twin(folder, 12, 12), 1e-5)
    adapter.model.double()
    assert_every_layer(adapter, cells, twin(folder, 12, 12), 1e-6)


def test_neighbours_and_padding_change_nothing(adapter, cells):
    assert_companions_change_nothing(adapter, cells)


def test_facts_of_the_model(directory, adapter):
    info, sha = adapter.info, sha256_file(directory / "models.ckpt")
    assert (info.model_id, info.family, info.weights_sha) == (f"tiny-{sha[:8]}", "scfoundation", sha)
    assert (info.n_layers, info.d_model, info.n_heads, info.d_ff, info.vocab_size) == (3, 24, 4, 96, 83)
    vocabulary = adapter.vocabulary
    assert vocabulary.special == {"<T>": 80, "<S>": 81, "<pad>": 82}
    assert (vocabulary.front, vocabulary.behind, vocabulary.special_value("<T>")) == ([], ["<T>", "<S>"], 4)


def test_t_and_s_are_no_genes(adapter):
    assert adapter.is_gene(torch.tensor([0, 79, 80, 81, 82])).tolist() == [True, True, False, False, False]


def test_the_last_norm_is_not_part_of_the_last_layer(directory, cells, adapter):
    before = states(adapter, one_cell(cells, 0))[-1]
    other = load_adapter(directory)
    other.model.encoder.norm.weight.mul_(3)
    assert torch.equal(states(other, one_cell(cells, 0))[-1], before)


def test_old_pickles_without_an_archive_are_read_too(directory, cells, tmp_path):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    torch.save(saved(directory), folder / "models.ckpt", _use_new_zipfile_serialization=False)
    assert_every_layer(load_adapter(folder), cells, twin(folder, 3, 4), 1e-5)
