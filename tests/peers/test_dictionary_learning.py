"""dictionary_learning itself: what its trainers save is read here, to the features its own loader finds."""

import json
from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae
from tests.builders.saes import dense

package = pytest.importorskip("dictionary_learning", reason="make peers")

D, F = 8, 32
COMMON = {"steps": 4, "activation_dim": D, "dict_size": F, "layer": 3, "lm_name": "a-model", "seed": 1, "device": "cpu"}
BY_K = {"k": 3, "threshold_start_step": 0, "warmup_steps": 1}
BY_PENALTY = {"warmup_steps": 1, "sparsity_warmup_steps": 2}
TRAINERS = {
    "StandardTrainer": BY_PENALTY,
    "GatedSAETrainer": BY_PENALTY,
    "JumpReluTrainer": BY_PENALTY,
    "TopKTrainer": BY_K,
    "BatchTopKTrainer": BY_K,
    "MatryoshkaBatchTopKTrainer": {**BY_K, "group_fractions": [0.25, 0.75]},
}


def trained(name: str, folder: Path) -> Path:
    """The folder in which the package has saved an autoencoder after a few steps."""
    from dictionary_learning import trainers
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKTrainer
    from dictionary_learning.training import trainSAE

    known = {**vars(trainers), "MatryoshkaBatchTopKTrainer": MatryoshkaBatchTopKTrainer}
    generator = torch.Generator().manual_seed(2)
    data = [torch.randn(64, D, generator=generator) + 1 for _ in range(5)]
    config = {"trainer": known[name], **COMMON, **TRAINERS[name]}
    trainSAE(data=data, trainer_configs=[config], steps=4, save_dir=str(folder), device="cpu")
    return folder / "trainer_0"


@pytest.mark.parametrize("name", TRAINERS)
def test_what_the_package_has_trained_is_read_here(tmp_path: Path, name: str) -> None:
    from dictionary_learning.utils import load_dictionary

    folder = trained(name, tmp_path)
    theirs, config = load_dictionary(str(folder), "cpu")
    ours = load_sae(folder)
    assert (ours.layer, ours.model_id) == (config["trainer"]["layer"], config["trainer"]["lm_name"]) == (3, "a-model")
    x = torch.randn(200, D, generator=torch.Generator().manual_seed(4)) + 1
    with torch.no_grad():
        codes = theirs.encode(x)
        x_hat = theirs.decode(codes)
    assert 0 < codes.count_nonzero() < codes.numel()
    found = ours.encode(x)
    torch.testing.assert_close(dense(found, F), codes, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.decode(found), x_hat, rtol=1e-5, atol=1e-5)


def test_a_new_kind_of_encoder_is_read_here(tmp_path: Path) -> None:
    """No trainer of the package saves this class; people do."""
    from dictionary_learning.dictionary import AutoEncoderNew

    torch.manual_seed(1)
    theirs = AutoEncoderNew(D, F)
    theirs.decoder.bias.data.fill_(0.3)
    torch.save(theirs.state_dict(), tmp_path / "ae.pt")
    (tmp_path / "config.json").write_text(json.dumps({"trainer": {"dict_class": "AutoEncoderNew"}}))
    ours, x = load_sae(tmp_path), torch.randn(50, D, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(dense(ours.encode(x), F), theirs.encode(x).detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.decode(ours.encode(x)), theirs(x).detach(), rtol=1e-5, atol=1e-5)
