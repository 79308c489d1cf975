"""scFoundation's encoder against a forward pass written out in float64, and at its true size."""

import pytest
import torch

from tasks.models.batches import one_cell
from tasks.models.load import load_adapter
from tasks.models.score import heldout_score
from tasks.sae.metrics import bounds_of_loss
from tasks.store import RequestError, sha256_file
from tests.builders.harm import Harm
from tests.builders.models import valued_cells
from tests.builders.plain_post_norm import Weights, plain_scfoundation
from tests.builders.scfoundation_files import PREFIX, TRUE, tiny_scfoundation
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
    folder = tiny_scfoundation(tmp_path / "scfoundation", symbols(19_264), **TRUE)
    adapter = load_adapter(folder)
    assert (adapter.info.vocab_size, adapter.info.max_length) == (19_267, 19_266)
    assert (adapter.info.d_ff, adapter.info.n_parameters) == (3072, 99_941_692)
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


def test_it_predicts_nothing_and_nothing_is_scored(adapter, cells):
    assert adapter.predicts == "nothing"
    assert heldout_score(adapter, cells, cells, 0) is None
    assert bounds_of_loss(adapter, cells, 0, torch.zeros(24), 0) is None
    with pytest.raises(RequestError, match="the decoder of scFoundation is not implemented"):
        adapter.predict(torch.zeros(1, 24))


def edit(directory, change):
    entries = saved(directory)
    change(entries["cell"])
    torch.save(entries, directory / "models.ckpt")


@pytest.mark.parametrize("name", ["models.ckpt", "OS_scRNA_gene_index.19264.tsv"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    (folder / name).unlink()
    with pytest.raises(RequestError, match=rf"tiny lacks {name}"):
        load_adapter(folder)


def of(change):
    """A change of the weights."""
    return lambda cell: change(cell["state_dict"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of(lambda w: w.pop(PREFIX + "encoder.norm.bias")), r"lacks weight encoder\.norm\.bias: it is no scFoundation"),
        (of(lambda w: w.pop(PREFIX + "pos_emb.weight")), r"lacks weight pos_emb\.weight: it is no scFoundation"),
        (of(lambda w: w.update(extra=torch.ones(1))), "holds the unknown weight extra: it is no scFoundation"),
        (of(lambda w: w.update({PREFIX + "encoder.norm.bias": torch.ones(3)})), r"is \(3,\), its configuration says"),
        (of(lambda w: w.update({PREFIX + "pos_emb.weight": torch.ones(90, 24)})), "embeds 90 positions, OS_.* has 83"),
        (lambda cell: cell.pop("config"), "has no entry cell with config and state_dict"),
        (lambda cell: cell["config"].pop("dataset_config"), "its configuration gives no 'dataset_config'"),
        (lambda cell: cell["config"].update(model="gau"), "its configuration gives no 'gau'"),
        (
            lambda cell: cell["config"]["model_config"]["mae_autobin"]["encoder"].update(module_type="performer"),
            "with a performer encoder is not implemented",
        ),
    ],
)
def test_a_wrong_checkpoint_is_refused_in_one_line(tmp_path, change, message):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    edit(folder, change)
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(folder)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_runs_code_is_refused(tmp_path, capsys):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    edit(folder, lambda cell: cell.update(extra=Harm()))
    capsys.readouterr()
    with pytest.raises(RequestError, match=r"models\.ckpt holds more than tensors: it was not read further"):
        load_adapter(folder)
    assert "harm" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "gene\tnumber\nA\t0\n", "gene_name\tindex\nA\t0\nA\t1\n", "gene_name\tindex\nA\t1\n"]
)
def test_a_list_of_another_kind_is_refused(tmp_path, text):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(2))
    (folder / "OS_scRNA_gene_index.19264.tsv").write_text(text)
    with pytest.raises(RequestError, match="is no list of gene_name and index from 0 on"):
        load_adapter(folder)


def test_old_pickles_without_an_archive_are_read_too(directory, cells, tmp_path):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    torch.save(saved(directory), folder / "models.ckpt", _use_new_zipfile_serialization=False)
    assert_every_layer(load_adapter(folder), cells, twin(folder, 3, 4), 1e-5)
