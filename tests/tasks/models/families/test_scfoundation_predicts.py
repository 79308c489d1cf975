"""Values that scFoundation's decoder predicts, against one written out in float64, alone and in the scores of steps."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tasks.models.batches import Asked, one_cell, pad_batch
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, hide_genes, masked_gene_loss, masked_gene_score
from tasks.models.score import heldout_score, model_table
from tasks.store import RequestError
from tests.builders.models import valued_cells
from tests.builders.plain_performer import plain_values
from tests.builders.plain_post_norm import Weights, plain_scfoundation
from tests.builders.scfoundation_files import (
    PREFIX,
    TINY_DECODER,
    TRUE,
    TRUE_DECODER,
    tiny_scfoundation,
)
from tests.builders.scgpt_files import symbols
from tests.tasks.models.families.value_models import LENGTHS, states

N_TOKENS = 83


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A checkpoint, its weights by name, the model in float64, and cells."""
    folder = tiny_scfoundation(tmp_path_factory.mktemp("model") / "tiny", symbols(80))
    adapter = load_adapter(folder)
    cells = valued_cells(adapter.vocabulary, LENGTHS)
    adapter.model.double()
    return SimpleNamespace(folder=folder, weights=read(folder), adapter=adapter, cells=cells)


def read(folder) -> Weights:
    return Weights(torch.load(folder / "models.ckpt", weights_only=True)["cell"]["state_dict"], PREFIX)


def edit(folder, change):
    entries = torch.load(folder / "models.ckpt", weights_only=True)
    change(entries["cell"])
    torch.save(entries, folder / "models.ckpt")


def test_values_of_all_genes_equal_the_written_out_decoder(world):
    for i in range(world.cells.n_cells):
        cell = one_cell(world.cells, i)
        last = states(world.adapter, cell, mask=False)[-1]
        absent = sorted(set(range(80)) - set(cell.tokens[0].tolist()))
        hidden = absent[:4]
        found = world.adapter.model.decode(last[0], cell.tokens[0], torch.tensor(hidden))
        wanted = plain_values(world.weights, last[0].numpy(), world.cells.cell(i), hidden, N_TOKENS, TINY_DECODER)
        assert found.shape == (82,)
        assert wanted.std() > 0.01
        np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-8)


def test_genes_that_are_asked_about_are_read_cell_by_cell(world):
    """Companions, their padding, and the order of questions change nothing."""
    batch = pad_batch(world.cells, np.arange(len(LENGTHS)), world.adapter.vocabulary, "cpu")
    last = states(world.adapter, batch)[-1]
    absent = [sorted(set(range(80)) - set(row[: n - 2].tolist())) for row, n in zip(batch.tokens, LENGTHS, strict=True)]
    pairs = [(3, absent[3][0], -1), (0, int(batch.tokens[0, 1]), 1), (3, absent[3][5], -1), (2, absent[2][0], -1)]
    cell, token, place = (torch.tensor(column) for column in zip(*pairs, strict=True))
    found = world.adapter.predict_asked(last, batch, Asked(cell, place, token))
    for answer, (at, gene, _) in zip(found, pairs, strict=True):
        alone = states(world.adapter, one_cell(world.cells, at), mask=False)[-1][0].numpy()
        hidden = [token for number, token, place in pairs if number == at and place < 0]
        wanted = plain_values(world.weights, alone, world.cells.cell(at), hidden, N_TOKENS, TINY_DECODER)
        assert float(answer) == pytest.approx(wanted[gene], abs=1e-8)


def one_by_one(world, seed):
    """Mean squared error at the hidden genes, each cell alone, both halves of the model written out."""
    hidden, errors = draw_hidden(world.adapter.vocabulary, world.cells, seed), []
    shown = hide_genes(world.adapter.vocabulary, world.cells, hidden)
    for i in range(world.cells.n_cells):
        at = hidden[world.cells.offsets[i] : world.cells.offsets[i + 1]]
        tokens, values = world.cells.cell(i)[~at], world.cells.cell_values(i)[~at]
        np.testing.assert_array_equal(shown.cell(i), tokens)
        np.testing.assert_array_equal(shown.cell_values(i), values)
        last = plain_scfoundation(world.weights, tokens, values, 3, 4)[-1]
        genes = world.cells.cell(i)[at]
        found = plain_values(world.weights, last, tokens, genes.tolist(), N_TOKENS, TINY_DECODER)
        errors += ((found[genes] - world.cells.cell_values(i)[at]) ** 2).tolist()
    return np.mean(errors), len(errors)


def test_the_score_is_the_squared_error_of_hidden_values(world):
    for seed in range(2):
        score = masked_gene_score(world.adapter, world.cells, seed)
        loss, n_masked = one_by_one(world, seed)
        assert (score.loss, score.top1, score.n_masked) == (pytest.approx(loss, rel=1e-6), None, n_masked)


def test_a_layer_that_is_replaced_changes_the_score(world):
    clean = masked_gene_loss(world.adapter, world.cells, 0)
    assert masked_gene_loss(world.adapter, world.cells, 0, replace=(1, lambda x: x)) == clean
    assert abs(masked_gene_loss(world.adapter, world.cells, 0, replace=(1, torch.zeros_like)) - clean) > 1e-3


def test_the_row_of_the_model_has_a_loss_and_that_of_mean_values_beside(world):
    adapter = load_adapter(world.folder)
    row = model_table(adapter.info, heldout_score(adapter, world.cells, world.cells, 0)).row(0, named=True)
    assert row["heldout_loss"] > 0 < row["baseline_loss"]
    assert (row["heldout_top1"], row["baseline_top1"]) == (None, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: [
            cell["state_dict"].pop(name)
            for name in list(cell["state_dict"])
            if name.removeprefix(PREFIX).startswith(("decoder", "norm.", "to_final."))
        ],
        lambda cell: cell["config"]["model_config"]["mae_autobin"]["decoder"].update(module_type="transformer"),
    ],
)
def test_without_a_performer_it_predicts_nothing(tmp_path, change):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    edit(folder, change)
    adapter = load_adapter(folder)
    cells = valued_cells(adapter.vocabulary, LENGTHS)
    assert adapter.predicts == "nothing"
    assert heldout_score(adapter, cells, cells, 0) is None
    cell = one_cell(cells, 0)
    with pytest.raises(RequestError, match="tiny has no decoder of values: it predicts nothing"):
        adapter.predict_asked(states(adapter, cell)[-1], cell, Asked.of(cell, torch.tensor([0])))


@pytest.mark.slow
def test_values_at_the_true_widths(tmp_path):
    """Few genes, whose kernel matrix can be written out; in float32 as in float64."""
    few = load_adapter(tiny_scfoundation(tmp_path / "few", symbols(300), **TRUE, decoder=TRUE_DECODER))
    few.model.double()
    cell = one_cell(valued_cells(few.vocabulary, [40]), 0)
    last = states(few, cell, mask=False)[-1][0]
    hidden = sorted(set(range(300)) - set(cell.tokens[0].tolist()))[:2]
    found = few.model.decode(last, cell.tokens[0], torch.tensor(hidden))
    wanted = plain_values(
        read(tmp_path / "few"), last.numpy(), cell.tokens[0].numpy(), hidden, len(found) + 1, TRUE_DECODER
    )
    np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-8)
    few.model.float()
    single = few.model.decode(last.float(), cell.tokens[0], torch.tensor(hidden))
    torch.testing.assert_close(single.double(), found, rtol=0, atol=1e-4 * float(found.abs().max()))
