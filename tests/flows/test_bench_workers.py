"""``scfm bench workers`` in small."""

import pytest

from tests.flows.test_bench_edges import figures


@pytest.mark.slow
def test_two_workers_give_the_bytes_of_one(tmp_path, prefect_api, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    rows = figures("workers", tmp_path)["rows"]
    assert [row["work"] for row in rows] == ["trace", "codes"]
    assert all(row["same_bytes"] and row["efficiency"] > 0 for row in rows)
