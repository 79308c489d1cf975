"""Tables: a wide one keeps its first column in place."""

import polars as pl
import pytest

from dashboards.links import link_column
from dashboards.tables import column_settings, keep_first


@pytest.mark.parametrize("n_columns", [6, 7])
def test_a_wide_table_keeps_the_first_column_that_is_shown(n_columns: int) -> None:
    frame = pl.DataFrame({name: [1] for name in "abcdefgh"[: n_columns + 1]})
    settings = keep_first(column_settings(frame) | {"a": None, "b": link_column("feature")})
    assert [name for name, one in settings.items() if one and one.get("pinned")] == ["b"] * (n_columns == 7)
    assert settings["b"]["type_config"]["type"] == "link"
