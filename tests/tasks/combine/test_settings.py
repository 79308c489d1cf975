"""What a study may ask of the step."""

import pytest
from pydantic import ValidationError

from tasks.combine.settings import CombineSettings

PAIR = [{"layer": 2, "feature": 1}, {"layer": 3, "feature": 1}]


def test_by_default_there_is_nothing_to_combine():
    assert CombineSettings().empty


def test_layers_count_only_for_drawn_sets():
    settings = CombineSettings.model_validate({"sets": [{"name": "a", "members": PAIR}], "layers": [0, 1]})
    assert settings.source_layers() == [2, 3]
    assert settings.model_copy(update={"drawn": 1}).source_layers() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"drawn": 2}, "name two layers or more"),
        ({"drawn": 2, "layers": [1]}, "name two layers or more"),
        ({"layers": [1, 1]}, "names a layer twice"),
        ({"sets": [{"name": "a", "members": []}]}, "at least 1"),
        ({"sets": [{"name": "a", "members": [*PAIR, PAIR[0]]}]}, "set a names a feature twice"),
        ({"sets": [{"name": "a", "members": PAIR}, {"name": "a", "members": PAIR[:1]}]}, "two sets are called a"),
        ({"sets": [{"name": "a b", "members": PAIR}]}, "pattern"),
        ({"sets": [{"name": "a", "members": [{**PAIR[0], "multiplier": 1}]}]}, "multiplies a feature by 1"),
        ({"controls": ["random_direction", "random_direction"]}, "controls names one control twice"),
        ({"n_flips": 1000, "fine_flips": 600}, r"fine_flips \(600\) is below n_flips \(1000\)"),
    ],
)
def test_what_makes_no_sense_is_refused(changed, message):
    with pytest.raises(ValidationError, match=message):
        CombineSettings.model_validate(changed)
