"""All effects of a source layer: how the work is cut changes no number, and total and direct stand side by side."""

import pytest

from tasks.store import StepFolder, workers
from tests.tasks.trace.conftest import SETTINGS
from tests.tasks.trace.test_work import TABLES, run, shard_hashes


@pytest.mark.parametrize("change", [{"feature_block": 3}, {"feature_block": "auto"}, {"batch_tokens": 1}])
def test_the_layout_of_the_work_does_not_change_a_number(folders, traced, tmp_path, change):
    other = StepFolder.open(run(folders, tmp_path / "trace-1", SETTINGS.model_copy(update=change)))
    for table in TABLES:
        assert other.read_table(table).equals(traced.read_table(table)), table


def test_blocks_of_cells_change_only_the_order_of_the_archive(folders, traced, tmp_path):
    other = StepFolder.open(run(folders, tmp_path / "trace-1", SETTINGS.model_copy(update={"cell_block": 3})))
    assert len(other.shards("effect_cell")) == 4 * len(traced.shards("effect_cell"))
    order = ["source_feature", "target_layer", "cell_id"]
    for table in TABLES:
        one, two = (step.read_table(table) for step in (other, traced))
        assert one.sort(order).equals(two.sort(order)) if table == "effect_cell" else one.equals(two), table


def test_the_next_layer_alone_has_the_same_effects(folders, traced, tmp_path):
    """It runs rows instead of whole cells; only targets of the next layer remain."""
    other = StepFolder.open(run(folders, tmp_path / "trace-1", SETTINGS.model_copy(update={"target_layers": "next"})))
    one, two = other.read_table("edge_stat"), traced.read_table("edge_stat").filter(target_layer=2)
    key = ["source_feature", "target_feature"]
    both = one.join(two, on=key, how="full", suffix="_all")
    assert both.height == one.height == two.height
    assert (both["mean"] - both["mean_all"]).abs().max() < 1e-5


def test_total_and_direct_effects_stand_beside_each_other(folders, traced, tmp_path):
    settings = SETTINGS.model_copy(update={"effects": ["direct", "total"]})
    both = StepFolder.open(run(folders, tmp_path / "trace-1", settings))
    for table in set(TABLES) - {"criterion", "trace_pair", "traced_fit", "trace_source"}:
        assert set(both.read_table(table)["effect"]) == {"total", "direct"}
        assert both.read_table(table).filter(effect="total").equals(traced.read_table(table)), table
    means = both.read_table("edge_stat").pivot(
        "effect", index=["source_feature", "target_layer", "target_feature"], values="mean"
    )
    near, far = (means.filter(target_layer=layer) for layer in (2, 3))
    assert (near["total"] - near["direct"]).abs().max() < 1e-5
    assert (far["total"] - far["direct"]).abs().max() > 1e-3
    assert list(both.info["edges"]) == ["direct", "total"]


def test_the_number_of_cores_does_not_change_a_byte(folders, traced, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.workers.N_THREADS", 1 if workers.N_THREADS > 1 else 4)
    assert shard_hashes(run(folders, tmp_path / "trace-1")) == shard_hashes(traced.path)
