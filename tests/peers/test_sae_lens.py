"""SAELens itself: it reads what is written here, and what it saves is read here, to the same features."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tasks.sae import Sae, load_sae, save_sae
from tasks.store import StepFolder
from tests.builders.saes import dense, random_topk

sae_lens = pytest.importorskip("sae_lens", reason="make peers")

D, F = 8, 32
SHAPE = {"d_in": D, "d_sae": F}
INFERENCE = {
    "topk": ("TopKSAE", {"k": 3}),
    "topk, norms in codes": ("TopKSAE", {"k": 3, "rescale_acts_by_decoder_norm": True}),
    "topk, x as it is": ("TopKSAE", {"k": 3, "apply_b_dec_to_input": False}),
    "jumprelu": ("JumpReLUSAE", {}),
    "jumprelu, x as it is": ("JumpReLUSAE", {"apply_b_dec_to_input": False}),
    "standard": ("StandardSAE", {}),
    "gated": ("GatedSAE", {}),
    "gated, x as it is": ("GatedSAE", {"apply_b_dec_to_input": False}),
}
TRAINED = {
    "TopKTrainingSAE": {"k": 3},
    "BatchTopKTrainingSAE": {"k": 3},
    "MatryoshkaBatchTopKTrainingSAE": {"k": 3, "matryoshka_widths": [8, F]},
    "JumpReLUTrainingSAE": {},
    "StandardTrainingSAE": {},
    "GatedTrainingSAE": {},
}


def made(name: str, settings: dict[str, object]) -> torch.nn.Module:
    """An autoencoder of the package, no weight of which is 0."""
    module = getattr(sae_lens, name)(getattr(sae_lens, f"{name}Config")(**SHAPE, **settings))
    generator = torch.Generator().manual_seed(5)
    for weight in module.state_dict().values():
        drawn = 0.5 * torch.randn(weight.shape, generator=generator)
        weight.copy_(drawn if weight.ndim else drawn.abs())
    return module


def assert_same(theirs: torch.nn.Module, ours: Sae) -> None:
    """Codes and reconstructions of both to 1e-5."""
    x = torch.randn(200, D, generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        codes = theirs.encode(x)
        x_hat: Tensor = theirs.decode(codes)
    assert 0 < codes.count_nonzero() < codes.numel()
    found = ours.encode(x)
    torch.testing.assert_close(dense(found, F), codes, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.decode(found), x_hat, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rule", ["k", "threshold"])
def test_the_package_loads_what_is_written_here(tmp_path: Path, rule: str) -> None:
    ours = random_topk(D, F, 3, layer=2)
    if rule == "threshold":
        ours = replace(ours, k=None, threshold=torch.rand(F, generator=torch.Generator().manual_seed(3)))
    with StepFolder.create(tmp_path / "sae-1") as out:
        with out.unit("sae") as unit:
            save_sae(ours, unit)
        out.finish()
    theirs = sae_lens.SAE.load_from_disk(tmp_path / "sae-1" / "sae")
    assert theirs.cfg.metadata.hook_name == "blocks.2.hook_normalized_resid_post"
    assert_same(theirs, ours)


@pytest.mark.parametrize("kind", INFERENCE)
def test_what_the_package_saves_is_read_here(tmp_path: Path, kind: str) -> None:
    theirs = made(*INFERENCE[kind])
    theirs.save_model(tmp_path)
    assert_same(theirs, load_sae(tmp_path))


@pytest.mark.parametrize("name", TRAINED)
def test_what_the_package_has_trained_is_read_here(tmp_path: Path, name: str) -> None:
    made(name, TRAINED[name]).save_inference_model(tmp_path)
    assert_same(sae_lens.SAE.load_from_disk(tmp_path), load_sae(tmp_path))
