from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models import load_adapter
from tasks.models.adapter import Adapter
from tasks.models.cell_embeddings import cell_embeddings
from tasks.sae import Sae
from tasks.sae.metrics import (
    EmbeddingBounds,
    SpliceLosses,
    bounds_of_embeddings,
    bounds_of_loss,
    embedding_recovered,
    fraction_unexplained,
    reconstruction,
    splice_losses,
)
from tasks.sae.positions import read_positions
from tasks.sae.settings import SaeSettings
from tasks.store import StepFolder
from tests.builders.saes import random_topk


@pytest.fixture(scope="module")
def adapter(inputs) -> Adapter:
    return load_adapter(StepFolder.open(inputs.model).path.parent / "tiny")


@pytest.fixture(scope="module")
def cells(inputs) -> TokenizedCells:
    return CellsReader(inputs.cells).tokens()


@pytest.fixture(scope="module")
def mean(inputs) -> Tensor:
    positions = read_positions(inputs.activations, inputs.cells, 1, "cpu", SaeSettings())
    return positions.mean(positions.train)


def exact_sae(d: int) -> Sae:
    """Reconstructs anything: a feature for each way of each axis, k = d of 2 d."""
    axes = torch.cat([torch.eye(d), -torch.eye(d)])
    zeros = torch.zeros(2 * d), torch.zeros(d)
    return Sae("exact", "model", 1, d, axes.T.contiguous(), zeros[0], axes, zeros[1])


def constant_sae(mean: Tensor) -> Sae:
    """Reconstructs everything as ``mean``: no feature ever fires."""
    d = len(mean)
    return Sae("constant", "model", 1, 2, torch.zeros(d, 2 * d), -torch.ones(2 * d), exact_sae(d).W_dec, mean)


def test_figures_over_parts_equal_figures_over_the_whole() -> None:
    sae = random_topk(8, 64, 3, seed=1)
    x = 0.3 * torch.randn(500, 8, generator=torch.Generator().manual_seed(2)) + 1
    found = reconstruction(sae, x.split(70), x.mean(0))
    codes = sae.encode(x)
    dense = torch.zeros(500, 64).scatter(1, codes.indices, codes.values)
    error = (dense @ sae.W_dec + sae.b_dec - x).double()
    assert found.fvu == pytest.approx(float(error.square().sum() / (x - x.mean(0)).double().square().sum()), rel=1e-6)
    assert found.l0 == pytest.approx(float((dense > 0).sum() / 500))
    assert torch.equal(found.fires, (dense > 0).sum(0))
    pairs = zip(x, x + error.float(), strict=True)
    cosines = [float(row @ rebuilt / row.norm() / rebuilt.norm()) for row, rebuilt in pairs]
    assert found.cosine == pytest.approx(sum(cosines) / 500, rel=1e-5)
    assert found.n_dense == sum(int((column > 0).sum()) > 50 for column in dense.T) > 0
    assert found.n_positions == 500
    assert found.n_dead == int(((dense > 0).sum(0) == 0).sum()) > 0


def test_an_offset_of_the_reconstruction_counts_as_error() -> None:
    x = torch.randn(100, 4, generator=torch.Generator().manual_seed(1))
    assert fraction_unexplained(torch.ones_like(x), x) == pytest.approx(400 / float((x - x.mean(0)).square().sum()))


def losses_of(sae: Sae, adapter, cells, mean: Tensor, seed: int) -> SpliceLosses:
    return splice_losses(sae, adapter, cells, bounds_of_loss(adapter, cells, sae.layer, mean, seed), seed)


def test_an_exact_autoencoder_recovers_all_of_the_loss(adapter, cells, mean) -> None:
    losses = losses_of(exact_sae(32), adapter, cells, mean, seed=1)
    assert losses.spliced == pytest.approx(losses.clean, abs=1e-5)
    assert losses.ablated != pytest.approx(losses.clean, abs=1e-3)


def test_a_constant_autoencoder_is_the_ablation(adapter, cells, mean) -> None:
    losses = losses_of(constant_sae(mean), adapter, cells, mean, seed=1)
    assert losses.spliced == pytest.approx(losses.ablated, abs=1e-6)


def test_recovered_loss_is_the_spared_share_of_the_harm() -> None:
    assert SpliceLosses(clean=2.0, spliced=2.5, ablated=4.0).recovered == pytest.approx(0.75)
    assert SpliceLosses(clean=2.0, spliced=2.5, ablated=2.0).recovered is None


def test_embeddings_are_kept_by_an_exact_autoencoder_and_lost_with_the_mean(adapter, cells, mean) -> None:
    bounds = bounds_of_embeddings(adapter, cells, 1, mean)
    kept, lost = (embedding_recovered(sae, adapter, cells, bounds) for sae in (exact_sae(32), constant_sae(mean)))
    assert kept == pytest.approx(1, abs=1e-8)
    assert lost == pytest.approx(0, abs=1e-6)
    zero = embedding_recovered(constant_sae(torch.zeros(32)), adapter, cells, bounds)
    assert zero < -0.1, "zero is further off than the mean is"


def test_embedding_recovered_is_the_spared_share_of_the_shift(adapter, cells, mean) -> None:
    sae = random_topk(32, 64, 4, seed=3)
    sae = replace(sae, layer=1)
    clean = cell_embeddings(adapter, cells)
    spliced, ablated = (
        cell_embeddings(adapter, cells, (1, function))
        for function in (lambda x: sae.decode(sae.encode(x)), mean.expand_as)
    )
    shifts = [sum(float(d @ d) for d in (one - clean).double()) for one in (spliced, ablated)]
    bounds = bounds_of_embeddings(adapter, cells, 1, mean)
    assert bounds.harm == pytest.approx(shifts[1])
    assert embedding_recovered(sae, adapter, cells, bounds) == pytest.approx(1 - shifts[0] / shifts[1])


def test_nothing_is_recovered_where_the_mean_moves_nothing(adapter, cells) -> None:
    bounds = EmbeddingBounds(cell_embeddings(adapter, cells), 0.0)
    assert embedding_recovered(exact_sae(32), adapter, cells, bounds) is None


def test_splicing_draws_the_same_genes_for_the_same_seed(adapter, cells, mean) -> None:
    first, again, other = (losses_of(constant_sae(mean), adapter, cells, mean, seed) for seed in (1, 1, 2))
    assert first == again
    assert not np.isclose(first.clean, other.clean)
