import pytest
from pydantic import ValidationError

from tasks.sae.settings import SaeSettings


def test_phases_longer_than_the_training_are_refused() -> None:
    with pytest.raises(ValidationError, match="warmup 50 and decay 200 exceed steps 249: lower them"):
        SaeSettings(steps=249, warmup=50, decay=200)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        SaeSettings(expanson=8)


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in SaeSettings.model_fields.values())
