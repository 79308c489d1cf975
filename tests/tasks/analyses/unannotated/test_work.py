"""Step ``unannotated`` on real step folders: tables, both rules, modules that were not made."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.analyses.modules.step import ModulesSettings
from tasks.analyses.unannotated.rules import as_published, listed
from tasks.analyses.unannotated.step import STEP, UnannotatedSettings
from tasks.describe.settings import DescribeSettings
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import LAYER, make_world, write_inputs
from tests.builders.steps import do_step

SETTINGS = UnannotatedSettings(wanted=True, min_set=2)


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A layer with planted features that have annotations, and others that have none; modules of all."""
    root = tmp_path_factory.mktemp("unannotated")
    folders = write_inputs(root, make_world())
    described = do_step(
        "describe",
        DescribeSettings(null_draws=2, min_cells=5),
        root / "describe-0123456789abcdef",
        layer=LAYER,
        **folders,
    )
    own = {name: folders[name] for name in ("codes", "activations", "cells")}
    made = ModulesSettings(min_cells=5)
    modules = do_step("modules", made, root / "modules-0123456789abcdef", layer=LAYER, describe=described, **own)
    return {
        "describe": described,
        "modules": {LAYER: modules},
        **{name: folders[name] for name in ("references", "activations", "cells")},
    }


def run(reads: dict[str, Any], folder: Path, settings: UnannotatedSettings = SETTINGS) -> StepFolder:
    path = folder / "unannotated-0123456789abcdef"
    return StepFolder.open(do_step("unannotated", settings, path, layer=LAYER, **reads))


@pytest.fixture(scope="module")
def out(reads: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> StepFolder:
    return run(reads, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize("table", STEP.tables)
def test_tables_keep_their_contracts(out: StepFolder, table: str) -> None:
    assert_contract(out.read_table(table), table)


def test_the_summary_counts_what_the_folders_hold(reads: dict[str, Any], out: StepFolder) -> None:
    described = StepFolder.open(reads["describe"])
    features = described.read_table("feature")
    annotated = set(described.read_table("annotation").filter("significant")["feature"].to_list())
    clusters = out.read_table("novel_cluster")
    for rule, own in (
        ("weighted", features.filter(pl.col("tier").is_in(["normal", "dense"]))),
        ("published", features.filter("alive")),
    ):
        row = out.read_table("novel_summary").filter(rule=rule).row(0, named=True)
        assert row["n_annotated"] == len(annotated & set(own["feature"]))
        assert row["n_annotated"] + row["n_unannotated"] == own.height
        assert row["n_clusters"] == clusters.filter(rule=rule).height
        assert row["n_features_in_clusters"] == clusters.filter(rule=rule)["n_features"].sum()
        assert 0 <= row["expected_guilt"] <= row["n_unannotated"]
    members = out.read_table("novel_cluster_feature")
    assert not annotated & set(members["feature"])
    assert members.group_by("cluster").len().sort("cluster")["len"].to_list() == clusters["n_features"].to_list()


def test_without_modules_guilt_is_unknown_and_said_so(reads: dict[str, Any], tmp_path: Path) -> None:
    alone = run({**reads, "modules": {}}, tmp_path)
    summary = alone.read_table("novel_summary")
    for column in ("n_guilt_by_association", "with_module_fraction", "expected_guilt"):
        assert summary[column].null_count() == 2
    assert alone.info["no_guilt"] == "no modules were made (modules.wanted)"


def test_too_many_features_for_the_memory_are_refused(
    reads: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 10)
    with pytest.raises(RequestError, match=r"comparing the genes of \d+ features needs .*: set unannotated\.wanted"):
        run(reads, tmp_path)


def test_the_published_rule_by_hand() -> None:
    """Three lists that share 6 of 20 genes join at 6 / 34; two others share 5 (5 / 35) and do not."""
    shared = [[f"S{k}" for k in range(6)]] * 3 + [[f"T{k}" for k in range(5)]] * 2
    genes = [own + [f"G{row}_{k}" for k in range(20 - len(own))] for row, own in enumerate(shared)]
    frame = pl.DataFrame(
        {
            "feature": np.repeat(np.arange(5, dtype=np.uint32) * 2, 20),
            "rank": np.tile(np.arange(1, 21), 5),
            "symbol": [gene for own in genes for gene in own],
            "score": np.tile(np.linspace(2, 1, 20), 5),
        }
    )
    features = pl.DataFrame(
        {
            "feature": np.arange(9, dtype=np.uint32),
            "frequency": [0.1] * 9,
            "alive": [True] * 9,
            "tier": ["normal"] * 9,
        }
    )
    background = sorted(set(frame["symbol"]))
    own = listed("published", features, frame, pl.Series([1, 3], dtype=pl.UInt32), background, 20)
    assert own.feature.tolist() == [0, 2, 4, 6, 8]
    assert own.about["annotated"].sum() == 2
    found = as_published(SETTINGS, own)
    assert found.members == [[0, 1, 2]]
    assert found.mean_jaccard == [pytest.approx(6 / 34)]
    assert np.asarray(own.weights.sum(axis=1)).ravel() == pytest.approx(1)
