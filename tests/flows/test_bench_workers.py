"""``scfm bench workers`` in small: two worker processes beside one, and their tables."""

import json

import pytest

from flows.cli.main import main
from tests.flows.test_bench import SMALL


@pytest.mark.slow
def test_two_workers_give_the_bytes_of_one(tmp_path):
    assert main(["bench", "workers", "--json", str(tmp_path / "figures.json"), *SMALL["workers"]]) == 0
    rows = json.loads((tmp_path / "figures.json").read_text())["rows"]
    assert [row["work"] for row in rows] == ["trace", "codes"]
    assert all(row["same_bytes"] and row["efficiency"] > 0 for row in rows)
