"""Contradictions in the settings."""

import pytest
from pydantic import ValidationError

from tasks.activations.settings import ActivationsSettings


def test_layers_are_put_in_order():
    assert ActivationsSettings(layers=[3, 0]).layers == [0, 3]
    assert ActivationsSettings().layers == "all"


@pytest.mark.parametrize("layers", [[], [1, 1], [-1], "some"])
def test_impossible_layers_are_refused(layers):
    with pytest.raises(ValidationError):
        ActivationsSettings(layers=layers)


def test_unknown_settings_are_refused():
    with pytest.raises(ValidationError, match="layer_list"):
        ActivationsSettings(layer_list=[1])
