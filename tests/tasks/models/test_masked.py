"""Masked-gene scores against a plain loop over cells, and replacement of a layer's output."""

import numpy as np
import pytest
import torch

from tasks.models import masked
from tasks.models.batches import take_cells
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, hide_genes, masked_gene_loss, masked_gene_score
from tasks.store import RequestError
from tests.builders.models import random_cells, tiny_geneformer

LENGTHS = [10, 30, 5, 42, 30, 12, 3]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    return load_adapter(tiny_geneformer(tmp_path_factory.mktemp("model"), n_genes=60))


@pytest.fixture(scope="module")
def cells(adapter):
    return random_cells(adapter.vocabulary, LENGTHS)


def one_by_one(adapter, cells, seed):
    """Hugging Face on each cell alone, all logits, then a sum over the hidden genes."""
    shown = hide_genes(adapter.vocabulary, cells, draw_hidden(adapter.vocabulary, cells, seed))
    losses, right = [], []
    for i in range(cells.n_cells):
        logits = adapter.model(torch.from_numpy(shown.cell(i).astype(np.int64))[None]).logits[0].detach().double()
        for at in np.flatnonzero(shown.cell(i) != cells.cell(i)):
            gene = int(cells.cell(i)[at])
            losses.append(float(torch.logsumexp(logits[at], 0) - logits[at, gene]))
            right.append(int(logits[at].argmax()) == gene)
    return np.mean(losses), np.mean(right), len(losses)


def test_score_equals_one_cell_at_a_time(adapter, cells):
    for seed in range(3):
        score = masked_gene_score(adapter, cells, seed)
        loss, top1, n_masked = one_by_one(adapter, cells, seed)
        assert score.loss == pytest.approx(loss, abs=1e-5)
        assert (score.top1, score.n_masked) == (pytest.approx(top1), n_masked)


def test_batches_do_not_change_what_is_hidden(adapter, cells, monkeypatch):
    whole = masked_gene_score(adapter, cells, 0)
    monkeypatch.setattr(masked, "BATCH_TOKENS", 1)
    alone = masked_gene_score(adapter, cells, 0)
    assert (alone.n_masked, alone.loss) == (whole.n_masked, pytest.approx(whole.loss, abs=1e-5))


def test_a_share_of_genes_and_no_special_token_is_hidden(adapter):
    cells = random_cells(adapter.vocabulary, [60] * 100)
    hidden = draw_hidden(adapter.vocabulary, cells, 0, 0.3)
    assert hidden[cells.tokens >= 4].mean() == pytest.approx(0.3, abs=0.02)
    assert not hidden[cells.tokens < 4].any()


def test_one_gene_at_least_is_hidden(adapter, cells):
    short = take_cells(cells, np.array([6]))
    for seed in range(20):
        assert draw_hidden(adapter.vocabulary, short, seed, 0.01).sum() == 1


def test_replacing_a_layer_by_itself_changes_nothing(adapter, cells):
    clean = masked_gene_loss(adapter, cells, 0)
    for layer in range(3):
        assert masked_gene_loss(adapter, cells, 0, replace=(layer, lambda x: x)) == clean


def test_only_gene_positions_of_the_layer_are_replaced(adapter, cells):
    seen = []
    clean = masked_gene_loss(adapter, cells, 0)
    ablated = masked_gene_loss(adapter, cells, 0, replace=(1, lambda x: seen.append(x.shape) or torch.zeros_like(x)))
    assert sum(rows for rows, _ in seen) == sum(LENGTHS) - 2 * len(LENGTHS), "hidden genes are genes too"
    assert abs(ablated - clean) > 0.01


def test_replacing_the_last_layer_reaches_the_logits_unchanged(adapter, cells):
    state = torch.randn(32, generator=torch.Generator().manual_seed(0))
    loss = masked_gene_loss(adapter, cells, 0, replace=(2, state.expand_as))
    hidden = draw_hidden(adapter.vocabulary, cells, 0)
    genes = torch.from_numpy(cells.tokens[hidden].astype(np.int64))
    assert loss == pytest.approx(-float(torch.log_softmax(adapter.predict(state), 0)[genes].mean()), abs=1e-5)


def test_cells_without_a_gene_are_refused(adapter, cells):
    with pytest.raises(RequestError, match="no gene to mask in 0 cells: choose more cells"):
        masked_gene_score(adapter, take_cells(cells, np.array([], dtype=np.int64)), 0)
