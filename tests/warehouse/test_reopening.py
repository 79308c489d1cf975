"""A process that keeps an old snapshot open sees the new one when it opens again."""

from pathlib import Path

import warehouse
from tests.builders.study_shards import make_study


def test_reopened_snapshot_is_the_new_one(tmp_path: Path) -> None:
    first, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1))
    warehouse.publish_run(tmp_path, first, folders)
    with warehouse.open_snapshot(tmp_path) as old:
        second, folders = make_study(tmp_path / "runs", seed=1, n_features=12, layers=(0, 1))
        warehouse.publish_run(tmp_path, second, folders)
        with warehouse.open_snapshot(tmp_path) as new:
            assert new.sql("SELECT count(*) FROM run").fetchone() == (2,)
        assert old.sql("SELECT count(*) FROM run").fetchone() == (1,)
