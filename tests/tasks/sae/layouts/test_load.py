"""Every layout against its own project's equations, written out densely."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasks.sae import Sae, load_sae
from tests.builders import foreign_saes as foreign
from tests.builders.foreign_saes import F, Foreign
from tests.builders.saes import dense

SAELENS = {
    "topk": {},
    "topk, norms in codes": {"rescale_acts_by_decoder_norm": True},
    "topk, x as it is": {"apply_b_dec_to_input": False},
    "topk, both": {"rescale_acts_by_decoder_norm": True, "apply_b_dec_to_input": False},
    "jumprelu": {},
    "jumprelu, x as it is": {"apply_b_dec_to_input": False},
    "standard": {},
    "standard, x as it is": {"apply_b_dec_to_input": False},
    "gated": {},
    "gated, x as it is": {"apply_b_dec_to_input": False},
}
MADE: dict[str, tuple[Callable[[Path, Foreign], Path], Foreign]] = {
    **{name: (foreign.write_saelens, foreign.saelens(name.split(",")[0], **more)) for name, more in SAELENS.items()},
    "sparsify": (foreign.write_sparsify, foreign.sparsify()),
    **{name: (foreign.write_dictionary_learning, foreign.dictionary_learning(name)) for name in foreign.CLASSES},
    "bio-sae": (foreign.write_bio_sae, foreign.bio_sae()),
}


@pytest.fixture(params=MADE)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Sae, Foreign]:
    write, made = MADE[request.param]
    return load_sae(write(tmp_path / "it", made)), made


def test_codes_and_reconstructions_are_those_of_its_own_equations(made: tuple[Sae, Foreign]) -> None:
    sae, theirs = made
    x = 2 * foreign.draw(200, foreign.D, seed=9) + 1
    codes, x_hat = theirs.equations(theirs.weights, x)
    assert 0 < codes.count_nonzero() < codes.numel()
    found = sae.encode(x)
    torch.testing.assert_close(dense(found, F), codes, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(sae.decode(found), x_hat, rtol=1e-5, atol=1e-5)


def test_directions_have_the_norms_they_were_saved_with(made: tuple[Sae, Foreign]) -> None:
    sae, theirs = made
    weights = theirs.weights
    saved = next(weights[name] for name in ("W_dec", "decoder.weight", "W_dec.weight") if name in weights)
    norms = saved.norm(dim=1 if len(saved) == F else 0)
    if theirs.settings.get("rescale_acts_by_decoder_norm"):
        norms = torch.ones(F)  # the codes are in units of them
    torch.testing.assert_close(sae.decoder_norms, norms)
    assert all(tensor.dtype == torch.float32 and tensor.is_contiguous() for tensor in sae.parameters.values())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    made = foreign.sparsify()
    cast = replace(made, weights={name: weight.to(dtype) for name, weight in made.weights.items()})
    sae = load_sae(foreign.write_sparsify(tmp_path / "it", cast))
    assert sae.W_enc.dtype == torch.float32
    assert torch.equal(sae.W_enc, made.weights["encoder.weight"].T.to(dtype).float())
