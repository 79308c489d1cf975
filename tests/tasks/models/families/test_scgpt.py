"""scGPT against a forward pass written out in float64, under every spelling of its keys, and at its true size."""

import shutil

import numpy as np
import pytest
import torch

from tasks.models.batches import Batch, one_cell, take_cells
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, hide_genes, masked_gene_loss, masked_gene_score
from tasks.models.score import heldout_score, model_table
from tasks.store import RequestError, sha256_file
from tests.builders.models import valued_cells
from tests.builders.plain_post_norm import Weights, plain_scgpt, plain_scgpt_values
from tests.builders.scgpt_files import NAMINGS, TRUE, edit_weights, symbols, tiny_scgpt
from tests.tasks.models.families.value_models import (
    LENGTHS,
    assert_companions_change_nothing,
    assert_every_layer,
    states,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tiny_scgpt(tmp_path_factory.mktemp("model") / "tiny", symbols(80))


@pytest.fixture(scope="module")
def adapter(directory):
    return load_adapter(directory)


@pytest.fixture(scope="module")
def cells(adapter):
    return valued_cells(adapter.vocabulary, LENGTHS)


def saved(directory) -> dict[str, torch.Tensor]:
    return torch.load(directory / "best_model.pt", weights_only=True)


@pytest.mark.parametrize("naming", NAMINGS)
def test_every_layer_equals_the_written_out_forward_pass(tmp_path, cells, naming):
    folder = tiny_scgpt(tmp_path / "model", symbols(80), naming=naming)
    double = load_adapter(folder)
    double.model.double()
    weights = Weights(saved(folder))
    assert_every_layer(double, cells, lambda tokens, values: plain_scgpt(weights, tokens, values, 3, 4), 1e-6)
    last = states(double, one_cell(cells, 1), False)[-1][0]
    theirs = plain_scgpt_values(weights, last.numpy())
    np.testing.assert_allclose(double.predict(last).numpy(), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "affine"), [("bn", True), ("dsbn.bns.0", False), ("dsbn.bns.0", True)])
def test_batch_normalisation_is_that_of_training(tmp_path, cells, name, affine):
    folder = tiny_scgpt(tmp_path / "model", symbols(80))
    rng = torch.Generator().manual_seed(3)
    norm = {
        f"{name}.running_mean": torch.randn(32, generator=rng),
        f"{name}.running_var": torch.rand(32, generator=rng),
    }
    norm |= {f"{name}.num_batches_tracked": torch.tensor(7)}
    if affine:
        norm |= {f"{name}.{part}": torch.randn(32, generator=rng) for part in ("weight", "bias")}
    edit_weights(folder, lambda weights: weights.update(norm))
    double = load_adapter(folder)
    double.model.double()
    weights = Weights(saved(folder))
    assert_every_layer(double, cells, lambda tokens, values: plain_scgpt(weights, tokens, values, 3, 4), 1e-6)
    assert_companions_change_nothing(load_adapter(folder), cells)


@pytest.mark.slow
def test_every_layer_at_the_true_size(tmp_path):
    folder = tiny_scgpt(tmp_path / "whole-human", symbols(60_694), **TRUE)
    adapter = load_adapter(folder)
    assert (adapter.info.vocab_size, adapter.info.n_parameters) == (60_697, 50_278_400 + 525_825)
    cells = valued_cells(adapter.vocabulary, [40, 7])
    weights = Weights(saved(folder))
    assert_every_layer(adapter, cells, lambda tokens, values: plain_scgpt(weights, tokens, values, 12, 8), 1e-5)
    adapter.model.double()
    assert_every_layer(adapter, cells, lambda tokens, values: plain_scgpt(weights, tokens, values, 12, 8), 1e-6)


def test_values_above_512_count_as_512(adapter):
    tokens = torch.tensor([1, 2])
    at, above = (adapter.embed(Batch.of(tokens, torch.tensor([3.0, value]))) for value in (512.0, 9000.0))
    assert torch.equal(at, above)


def test_neighbours_and_padding_change_nothing(adapter, cells):
    assert_companions_change_nothing(adapter, cells)


def test_facts_of_the_model(directory, adapter):
    info, sha = adapter.info, sha256_file(directory / "best_model.pt")
    assert (info.model_id, info.family, info.weights_sha) == (f"tiny-{sha[:8]}", "scgpt", sha)
    assert (info.n_layers, info.d_model, info.n_heads, info.d_ff) == (3, 32, 4, 48)
    assert (info.vocab_size, info.max_length, adapter.predicts) == (83, 64, "values")
    vocabulary = adapter.vocabulary
    assert vocabulary.special == {"<pad>": 80, "<cls>": 81, "<eoc>": 82}
    assert [vocabulary.special_value(name) for name in ("<pad>", "<cls>", "<mask>")] == [-2, -2, -1]
    assert (vocabulary.encoding.n_bins, vocabulary.front, vocabulary.behind) == (51, ["<cls>"], [])


def test_genes_are_told_from_special_tokens(adapter):
    assert adapter.is_gene(torch.tensor([80, 81, 0, 79, 82])).tolist() == [False, False, True, True, False]


def one_by_one(directory, adapter, cells, seed):
    """Mean squared error of the hidden values, each cell alone, by the written out forward pass."""
    weights = Weights(saved(directory))
    hidden = draw_hidden(adapter.vocabulary, cells, seed)
    shown = hide_genes(adapter.vocabulary, cells, hidden)
    assert (shown.values[hidden] == -1).all()
    errors = []
    for i in range(cells.n_cells):
        last = plain_scgpt(weights, shown.cell(i), shown.cell_values(i), 3, 4)[-1]
        at = hidden[cells.offsets[i] : cells.offsets[i + 1]]
        errors += ((plain_scgpt_values(weights, last[at]) - cells.cell_values(i)[at]) ** 2).tolist()
    return np.mean(errors), len(errors)


def test_the_score_is_the_squared_error_of_hidden_values(directory, adapter, cells):
    for seed in range(2):
        score = masked_gene_score(adapter, cells, seed)
        loss, n_masked = one_by_one(directory, adapter, cells, seed)
        assert (score.loss, score.top1, score.n_masked) == (pytest.approx(loss, rel=1e-5), None, n_masked)


def test_a_layer_that_is_replaced_changes_the_score(adapter, cells):
    clean = masked_gene_loss(adapter, cells, 0)
    assert masked_gene_loss(adapter, cells, 0, replace=(1, lambda x: x)) == clean
    assert abs(masked_gene_loss(adapter, cells, 0, replace=(1, torch.zeros_like)) - clean) > 0.01


def test_the_row_of_the_model_has_a_loss_and_that_of_mean_values_beside(adapter, cells):
    row = model_table(adapter.info, heldout_score(adapter, cells, take_cells(cells, np.array([0, 2])), 0))
    loss, top1, baseline, baseline_top1 = row.select(
        "heldout_loss", "heldout_top1", "baseline_loss", "baseline_top1"
    ).row(0)
    assert loss > 0 < baseline
    assert (top1, baseline_top1) == (None, None)


def test_a_checkpoint_without_decoder_predicts_nothing(tmp_path, cells):
    folder = tiny_scgpt(tmp_path / "model", symbols(80))
    edit_weights(folder, lambda w: [w.pop(name) for name in list(w) if name.startswith("decoder.")])
    adapter = load_adapter(folder)
    assert adapter.predicts == "nothing"
    assert heldout_score(adapter, cells, cells, 0) is None
    with pytest.raises(RequestError, match="has no decoder of values"):
        adapter.predict(torch.zeros(1, 32))


def test_a_decoder_that_reads_batch_labels_is_not_used(tmp_path):
    folder = tiny_scgpt(tmp_path / "model", symbols(80))
    edit_weights(folder, lambda w: w.update({"batch_encoder.embedding.weight": torch.ones(2, 32)}))
    assert load_adapter(folder).predicts == "nothing"


def test_weights_of_a_wrapped_model_are_the_models(directory, adapter, tmp_path):
    wrapped = shutil.copytree(directory, tmp_path / "wrapped")
    weights = torch.load(wrapped / "best_model.pt", weights_only=True)
    torch.save({f"module.{name}": weight for name, weight in weights.items()}, wrapped / "best_model.pt")
    after = load_adapter(wrapped).model.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in adapter.model.state_dict().items())


def test_cells_without_values_are_refused(adapter):
    with pytest.raises(RequestError, match="tiny reads values, and these cells have none"):
        adapter.embed(Batch.of(torch.tensor([1, 2])))
