"""An untrained twin: same architecture, every weight drawn anew with its tensor's mean and spread."""

import numpy as np
import torch

from tasks.models.load import load_adapter
from tasks.models.redraw import redraw
from tests.builders.models import tiny_geneformer


def weights(adapter):
    return {name: weight.clone() for name, weight in adapter.model.named_parameters()}


def test_every_tensor_is_drawn_anew_with_its_own_moments(tmp_path):
    folder = tiny_geneformer(tmp_path / "tiny")
    trained, adapter, again, other = (load_adapter(folder) for _ in range(4))
    before = weights(trained)
    for one, seed in ((adapter, 0), (again, 0), (other, 1)):
        redraw(one, seed)
    after = weights(adapter)
    for name, weight in before.items():
        drawn = after[name]
        spread = float(weight.double().std(correction=0))
        if spread == 0:
            assert torch.equal(drawn, weight), name
            continue
        assert not torch.equal(drawn, weight), name
        n = weight.numel()
        assert abs(float(drawn.mean() - weight.mean())) < 5 * spread / np.sqrt(n), name
        assert abs(float(drawn.double().std(correction=0)) / spread - 1) < 5 / np.sqrt(n), name
        assert abs(np.corrcoef(drawn.flatten(), weight.flatten())[0, 1]) < 5 / np.sqrt(n), name
    assert all(torch.equal(after[name], weight) for name, weight in weights(again).items())
    assert any(not torch.equal(after[name], weight) for name, weight in weights(other).items())
