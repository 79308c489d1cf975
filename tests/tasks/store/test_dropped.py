"""A unit that is no longer needed, such as a checkpoint that another one has replaced."""

import polars as pl

from tasks.store import StepFolder

FRAME = pl.DataFrame({"span": [1, 2, 3], "n_features": [4, 5, 6]})


def test_dropped_unit_leaves_its_neighbours_and_no_trace_of_itself(tmp_path):
    path = tmp_path / "demo-ab"
    with StepFolder.create(path) as folder:
        for name in ("a", "b", "c"):
            with folder.unit(name) as shard:
                shard.table("lifecycle_span", FRAME)
        folder.drop("b")
        assert list(folder.lines) == ["a", "c"]
        folder.finish()
    assert not [found for found in path.rglob("*") if found.stem == "b"]
    assert StepFolder.open(path).read_table("lifecycle_span").height == 6
