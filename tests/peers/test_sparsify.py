"""Sparsify itself: what it saves is read here, to the same features."""

from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae
from tests.builders.saes import dense

sparsify = pytest.importorskip("sparsify", reason="make peers")

D, F = 8, 32


def test_what_the_package_saves_is_read_here(tmp_path: Path) -> None:
    torch.manual_seed(1)
    theirs = sparsify.SparseCoder(D, sparsify.SparseCoderConfig(expansion_factor=F // D, k=3))
    theirs.b_dec.data.normal_()
    theirs.encoder.bias.data.normal_()
    theirs.save_to_disk(tmp_path)
    ours, x = load_sae(tmp_path), torch.randn(200, D, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        values, indices, _ = theirs.encode(x)
        x_hat = theirs.decode(values, indices)
    found = ours.encode(x)
    codes = torch.zeros(200, F).scatter(1, indices, values)
    torch.testing.assert_close(dense(found, F), codes, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.decode(found), x_hat, rtol=1e-5, atol=1e-5)
