"""Frequencies count every position of an autoencoder once, those it was trained on and those kept out."""

from pathlib import Path

import pytest
import torch

from tasks.activations.reader import ActivationReader
from tasks.sae import load_frequencies, load_sae
from tasks.sae.frequency import count_fires
from tasks.sae.settings import SaeSettings
from tasks.store import ScfmError
from tests.builders.saes import random_sae, random_topk
from tests.builders.steps import do_step

SETTINGS = SaeSettings(expansion=2, k=4, steps=20, batch=256, warmup=5, decay=10, log_every=20, splice_cells=4)


def test_fires_are_counted_position_by_position():
    sae = random_topk(d_model=8, n_features=24, k=3)
    x = torch.randn(50, 8, generator=torch.Generator().manual_seed(1))
    slow = [0] * 24
    for row in x:
        values, features = torch.relu(sae.pre_activations(row[None])[0]).topk(3)
        for value, feature in zip(values.tolist(), features.tolist(), strict=True):
            slow[feature] += value > 0
    assert count_fires(sae, torch.split(x, 7)).tolist() == slow


def test_the_step_counts_all_positions(inputs, tmp_path: Path):
    folder = do_step("sae", SETTINGS, tmp_path / "sae-0123456789abcdef", layer=1, **inputs.reads)
    hidden = ActivationReader(inputs.activations).load(1).float()
    fires = load_sae(folder).encode(hidden).fire_counts(64)
    torch.testing.assert_close(load_frequencies(folder), fires.double() / len(hidden), rtol=0, atol=1.5 / len(hidden))


def test_a_folder_without_counts_is_named(tmp_path: Path):
    random_sae(tmp_path / "sae-1", d_model=8, n_features=16, k=2)
    with pytest.raises(ScfmError, match=r"sae-1 holds no fires\.safetensors"):
        load_frequencies(tmp_path / "sae-1")
