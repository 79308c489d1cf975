from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.sae.settings import SaeSettings


def test_phases_longer_than_the_training_are_refused() -> None:
    with pytest.raises(ValidationError, match="warmup 50 and decay 200 exceed steps 249: lower them"):
        SaeSettings(steps=249, warmup=50, decay=200)


@pytest.mark.parametrize("variant", ["topk", "batchtopk", "matryoshka", "jumprelu"])
def test_resampling_is_for_variants_without_k(variant: str) -> None:
    with pytest.raises(ValidationError, match=f"resample is for standard, gated, .*april, and variant is {variant}"):
        SaeSettings(variant=variant, resample=100)
    assert SaeSettings(variant="april", resample=100).resample == 100


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        SaeSettings(expanson=8)


def test_the_layer_is_filled_into_a_path() -> None:
    assert SaeSettings().folder(3) is None
    assert SaeSettings(path="x/layer{layer:02d}_x4/y").folder(3) == Path("x/layer03_x4/y")


@pytest.mark.parametrize("path", ["x/{k}", "x/{", "x/{}", "{layer.x}", "{layer:q}"])
def test_anything_else_in_a_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match=r"only \{layer\} or \{layer:02d\} can stand in path, which is"):
        SaeSettings(path=path)


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in SaeSettings.model_fields.values())
