"""Settings of the describe step: what they refuse."""

import pytest
from pydantic import ValidationError

from tasks.describe.settings import DescribeSettings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_set": 50, "max_set": 40}, "min_set is 50, above max_set 40"),
        ({"null_draws": 1}, "greater than or equal to 2"),
        ({"top_gene": 3}, "Extra inputs are not permitted"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        DescribeSettings(**changes)
