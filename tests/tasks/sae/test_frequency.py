"""How often features fire, against a loop over positions."""

import torch

from tasks.sae.frequency import count_fires
from tests.builders.saes import random_topk


def test_fires_are_counted_position_by_position():
    sae = random_topk(d_model=8, n_features=24, k=3)
    x = torch.randn(50, 8, generator=torch.Generator().manual_seed(1))
    slow = [0] * 24
    for row in x:
        values, features = torch.relu(sae.pre_activations(row[None])[0]).topk(3)
        for value, feature in zip(values.tolist(), features.tolist(), strict=True):
            slow[feature] += value > 0
    assert count_fires(sae, torch.split(x, 7)).tolist() == slow
