"""The step on folders: contracts, embeddings by whole passes of the model, bit for bit clean, resume."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.analyses.shift.embeddings import open_embeddings
from tasks.cells.reader import CellsReader
from tasks.models import load_adapter
from tasks.models.adapter import run_blocks
from tasks.models.batches import one_cell
from tasks.models.splice import run_spliced
from tasks.sae import load_sae
from tasks.steps import step_named
from tasks.vocabulary.directory import model_directory
from tests.builders.contract import assert_contract
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.builders.saes import dense
from tests.tasks.analyses.shift.conftest import LAYER, SETTINGS, shift


@pytest.mark.parametrize("table", step_named("shift").tables)
def test_tables_keep_their_contract_and_have_rows(shifted, table):
    frame = shifted.read_table(table)
    assert_contract(frame, table)
    assert frame.height > 0


def test_every_setting_stands_beside_its_controls(shifted):
    settings = shifted.read_table("shift_setting")
    own = settings.filter(arm="feature")
    assert own.height == 2 * 4 * 2
    counts = settings.group_by("selector", "mode", "value", "n_features", "arm").len()
    assert set(counts.filter(arm="random")["len"]) == {2}
    for arm in ("random", "direction", "covariance"):
        assert counts.filter(arm=arm).height == own.height
    assert settings.filter(pl.col("n_features") == 0)["arm"].to_list() == ["clean", "reconstruction"]


def test_random_features_are_alike_and_others(shifted):
    rows = shifted.read_table("shift_feature")
    for selector in ("batch", "type"):
        chosen = rows.filter(selector=selector, arm="feature")["feature"].to_list()
        for draw in (1, 2):
            drawn = rows.filter(selector=selector, arm="random", draw=draw)["feature"].to_list()
            assert len(drawn) == len(chosen) == 3
            assert not set(drawn) & set(chosen)


@pytest.fixture(scope="module")
def model(reads):
    return load_adapter(model_directory(reads["model"])), load_sae(reads["sae"][LAYER])


def cells_of(reads, found, n):
    tokens = CellsReader(reads["cells"]).tokens()
    for row, cell_id in list(enumerate(found.cell_id.tolist()))[:n]:
        yield row, one_cell(tokens, int(np.flatnonzero(tokens.cell_id == cell_id)[0]))


def test_without_features_the_embedding_is_the_clean_one_bit_for_bit(reads, shifted, model):
    adapter, _ = model
    found = open_embeddings(shifted.path)
    for row, cell in cells_of(reads, found, len(found.cell_id)):
        with torch.inference_mode():
            final = run_blocks(adapter, adapter.embed(cell), 0, adapter.info.n_layers)
            clean = adapter.embed_cells(final, cell)[0].numpy()
        np.testing.assert_array_equal(found.values[row, found.names.index("clean")], clean)
    rows = shifted.read_table("embedding_shift").filter(setting="clean")
    assert set(rows["distance"]) == set(rows["length"]) == {0.0}


def slow_codes(codes, row, features, ceiling):
    """The codes [n, F] with a setting done to them, feature by feature."""
    changed = codes.clone()
    for feature in features:
        own, unit = codes[:, feature], float(ceiling.get(feature) or 0.0)
        if row["mode"] == "scale":
            changed[:, feature] = own * row["value"]
        elif row["mode"] == "clamp":
            changed[:, feature] = torch.where(own > 0, torch.tensor(row["value"] * unit), own)
        elif row["mode"] == "clamp_all":
            changed[:, feature] = row["value"] * unit
        else:
            changed[:, feature] = torch.where(own > 0, torch.tensor(row["value"]), own)
    return changed


def test_embeddings_are_those_of_whole_passes_with_codes_changed(reads, shifted, model):
    """Slow twin: every block again, all codes decoded; published, the reconstruction alone goes on."""
    adapter, sae = model
    found, settings = open_embeddings(shifted.path), shifted.read_table("shift_setting")
    features = shifted.read_table("shift_feature")
    ceiling = dict(features.select("feature", "ceiling").iter_rows())
    moved = 0
    for row, cell in cells_of(reads, found, 4):
        gene = adapter.is_gene(cell.tokens)
        for setting in settings.filter(pl.col("arm").is_in(["feature", "random", "reconstruction"])).iter_rows(
            named=True
        ):
            own = features.filter(selector=setting["selector"], arm=setting["arm"], draw=setting["draw"])
            chosen = own.sort("rank").head(setting["n_features"])["feature"].to_list()

            def changed(states, setting=setting, chosen=chosen):
                codes = dense(sae.encode(states), sae.n_features)
                after = slow_codes(codes, setting, chosen, ceiling)
                if setting["mode"] == "published":
                    return after @ sae.W_dec + sae.b_dec
                return states + (after - codes) @ sae.W_dec

            with torch.inference_mode():
                final = run_spliced(adapter, cell, gene, (LAYER, changed))
                slow = adapter.embed_cells(final, cell)[0].numpy()
            mine = found.values[row, setting["place"]]
            np.testing.assert_allclose(mine, slow, atol=3e-5, rtol=1e-4)
            moved += bool(np.abs(mine - found.values[row, 0]).max() > 1e-3)
    assert moved > 40


def test_directions_add_as_much_along_other_ways(shifted):
    found = open_embeddings(shifted.path)
    names = [name for name in found.names if name.endswith(("_direction1", "_covariance1"))]
    assert len(names) == 2 * 2 * 4 * 2
    for name in names:
        own = found.of(name.rpartition("_")[0])
        assert np.abs(found.of(name) - own).max() > 1e-4


def test_distances_are_means_of_single_cells(shifted):
    found, cells = open_embeddings(shifted.path), shifted.read_table("shift_cell").filter("embedded").sort("cell_id")
    rows = shifted.read_table("embedding_shift")
    clean = found.of("clean")
    for row in rows.filter(pl.col("setting").str.ends_with("n3")).iter_rows(named=True):
        label, _, batch = row["member"].partition(", ")
        mask = np.ones(cells.height, dtype=bool)
        if row["grouping"] in ("type", "type in batch"):
            mask &= (cells["label"] == label).to_numpy()
        if row["grouping"] in ("batch", "type in batch"):
            mask &= (cells["batch"] == (batch or label)).to_numpy()
        after = found.of(row["setting"])
        apart = [
            1 - one @ two / np.linalg.norm(one) / np.linalg.norm(two)
            for one, two in zip(clean[mask], after[mask], strict=True)
        ]
        assert row["n_cells"] == mask.sum()
        assert row["distance"] == pytest.approx(np.mean(apart), abs=1e-12)
        random = rows.filter(
            pl.col("setting").is_in([f"{row['setting']}_random{draw}" for draw in (1, 2)]),
            grouping=row["grouping"],
            member=row["member"],
        )["distance"]
        assert (row["random_low"], row["random_high"]) == (random.min(), random.max())
        assert row["beyond"] == (row["distance"] > random.max())


def test_killed_after_any_unit_the_same_comes_out(reads, shifted, tmp_path):
    expected = shard_hashes(shifted.path)
    for n_units in (0, 2, len(shifted.lines) - 1):
        folder = tmp_path / f"shift-{n_units}"
        with pytest.raises(Killed), ended_after(n_units):
            shift(reads, folder)
        assert shard_hashes(shift(reads, folder, SETTINGS).path) == expected
