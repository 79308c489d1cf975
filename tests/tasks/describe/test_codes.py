"""Encoding to scratch files against the dense encoder."""

import errno
from itertools import pairwise

import numpy as np
import pytest
import torch

from tasks.describe.codes import encode_to_files
from tasks.sae import Sae
from tasks.store import OutOfSpace

N, D, F, K = 60, 12, 40, 5


@pytest.fixture(scope="module")
def sae():
    make = torch.Generator().manual_seed(0)
    w = {name: torch.randn(shape, generator=make) for name, shape in {"W_enc": (D, F), "W_dec": (F, D)}.items()}
    b = {"b_enc": torch.randn(F, generator=make) - 4, "b_dec": torch.randn(D, generator=make)}
    return Sae(sae_id="s", model_id="m", layer=0, k=K, **w, **b)


def chunks(x, edges):
    return [(slice(low, high), x[low:high]) for low, high in pairwise(edges)]


@pytest.mark.parametrize("edges", [[0, N], [0, 7, 7, 41, N]])
def test_firings_are_the_positive_entries_of_the_dense_codes(sae, tmp_path, edges):
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(1))
    pre = (x - sae.b_dec) @ sae.W_enc + sae.b_enc
    kth = pre.sort(dim=1, descending=True).values[:, K - 1 : K]
    dense = torch.where((pre >= kth) & (pre > 0), pre, 0).numpy()
    assert 0 < (dense > 0).sum() < N * K  # some positions have fewer than k firings
    found, last = np.zeros((N, F), dtype=np.float32), -1
    for firings in encode_to_files(chunks(x, edges), N, sae, tmp_path, "cpu"):
        assert np.all(np.diff(firings.position) >= 0)
        assert not firings.position.size or firings.position[0] > last
        last = firings.position[-1] if firings.position.size else last
        found[firings.position, firings.feature] = firings.value
    np.testing.assert_allclose(found, dense, rtol=1e-5)


def test_files_can_be_read_twice(sae, tmp_path):
    files = encode_to_files(chunks(torch.randn(N, D), [0, 30, N]), N, sae, tmp_path, "cpu")
    first, second = ([f.value.tolist() for f in files] for _ in range(2))
    assert first == second
    assert len(first) == 2


def test_a_full_disk_is_one_clear_line(sae, tmp_path, monkeypatch):
    def fail(*_args, **_arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OutOfSpace, match="disk full while writing"):
        encode_to_files(chunks(torch.randn(N, D), [0, N]), N, sae, tmp_path, "cpu")
