"""The step on real folders: tables, contracts, resume, bad requests."""

import numpy as np
import polars as pl
import pytest

from tasks.combine.settings import CombineSettings
from tasks.store import RequestError, StepFolder
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.builders.steps import do_step
from tests.tasks.combine.conftest import SETTINGS


def run(folders, folder, settings=SETTINGS, saes=None):
    return do_step("combine", settings, folder, **(folders.reads | ({"sae": saes} if saes else {})))


@pytest.mark.parametrize("table", ["combination", "combination_effect", "combination_stat"])
def test_every_table_has_rows(combined, table):
    assert combined.read_table(table).height > 0


def test_every_statistic_follows_from_the_archive(combined):
    """Means of effects, and of interactions as sums of effects with signs, recomputed by queries."""
    sets = combined.read_table("combination").group_by("combination").agg(pl.col("n_cells").first())
    key = ["combination", "target_layer", "target_feature"]
    rows = combined.read_table("combination_effect").explode("targets", "deltas").rename({"targets": "target_feature"})
    sums = rows.group_by(*key, "members").agg(pl.col("deltas").cast(pl.Float64).sum()).join(sets, on="combination")
    means = sums.with_columns(mean=pl.col("deltas") / pl.col("n_cells"))
    found = combined.read_table("combination_stat")
    singles = found.filter(kind="effect").select(*key, "members", "mean").sort(*key, "members")
    slow = means.select(*key, "members", "mean").sort(*key, "members")
    assert singles.select(*key, "members").equals(slow.select(*key, "members"))
    np.testing.assert_allclose(singles["mean"], slow["mean"], rtol=1e-5, atol=1e-9)
    sign = pl.when(pl.col("members") == "1+2").then(1.0).otherwise(-1.0)
    mixed = means.with_columns(part=pl.col("mean") * sign).group_by(key).agg(pl.col("part").sum())
    both = found.filter(kind="interaction").join(mixed, on=key)
    assert both.height == found.filter(kind="interaction").height > 20
    np.testing.assert_allclose(both["mean"], both["part"], rtol=1e-4, atol=1e-6)


def test_only_layers_deeper_than_a_set_are_read(combined):
    assert combined.read_table("combination_stat")["target_layer"].unique().to_list() == [3, 4]


def test_killed_after_any_unit_the_tables_come_out_the_same(folders, combined, tmp_path):
    expected = shard_hashes(combined.path)
    for n_units in range(0, len(combined.lines), 3):
        folder = tmp_path / f"combine-{n_units}"
        with pytest.raises(Killed), ended_after(n_units):
            run(folders, folder)
        assert not StepFolder(folder).done
        assert shard_hashes(run(folders, folder)) == expected


def test_another_set_changes_no_row_of_the_first(folders, combined, tmp_path):
    one = run(folders, tmp_path / "combine-1", SETTINGS.model_copy(update={"drawn": 1}))
    for table in ("combination_effect", "combination_stat"):
        alone = StepFolder.open(one).read_table(table)
        among = combined.read_table(table).filter(combination="drawn-001")
        by = alone.columns[:6]
        assert alone.sort(by, maintain_order=True).equals(among.sort(by, maintain_order=True))


def named(layer, feature):
    members = [{"layer": 0, "feature": 0}, {"layer": layer, "feature": feature}]
    return CombineSettings.model_validate({"sets": [{"name": "pair", "members": members}]})


@pytest.mark.parametrize(
    ("settings", "layers", "message"),
    [
        (named(9, 0), range(5), "combine changes features of layer 9, which has no autoencoder"),
        (named(2, 24), range(5), "pair names feature 24 of layer 2, whose autoencoder has features 0 to 23"),
        (named(4, 0), range(5), "combine changes a feature of layer 4 and reads none deeper"),
        (CombineSettings(drawn=1, layers=(0, 2), target_layers=(3, 7)), range(5), "layer 7 has no autoencoder"),
        (CombineSettings(drawn=1, layers=(0, 2)), [0, 2], "reads none deeper"),
    ],
)
def test_bad_requests_are_refused_in_one_line(folders, tmp_path, settings, layers, message):
    with pytest.raises(RequestError, match=message) as refused:
        run(folders, tmp_path / "combine-1", settings, {layer: folders.saes[layer] for layer in layers})
    assert len(str(refused.value).splitlines()) == 1
