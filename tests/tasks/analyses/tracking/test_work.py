"""Step ``tracking`` on real step folders: tables keep their contracts, restarts, the ceiling, refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.analyses.tracking import work
from tasks.analyses.tracking.dictionary import read_layer
from tasks.analyses.tracking.rates import mutual_rule
from tasks.analyses.tracking.step import STEP, TrackingSettings
from tasks.cells.reader import CellsReader
from tasks.codes.settings import CodesSettings
from tasks.compare.settings import CompareSettings
from tasks.describe.settings import DescribeSettings
from tasks.sae.settings import SaeSettings
from tasks.step import Layers
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.references import read_references
from tests.builders.sae_inputs import make_sae_inputs
from tests.builders.steps import do_step

SAE = SaeSettings(expansion=1, k=6, steps=60, batch=256, warmup=5, decay=10, log_every=60, splice_cells=2)
SETTINGS = TrackingSettings(wanted=True, null_draws=2, interval_draws=200)
LAYERS = (0, 1, 2)


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Autoencoders of three layers with codes and descriptions, and a second seed of layer 1."""
    root = tmp_path_factory.mktemp("tracked")
    inputs = make_sae_inputs(root)
    common, cells = {"activations": inputs.activations}, inputs.cells
    symbols = CellsReader(cells).genes()["symbol"].to_list()
    (root / "sets.gmt").write_text("one\tplanted\t" + "\t".join(symbols[:20]) + "\n")
    references = read_references(root, cells, [root / "sets.gmt"])
    found: dict[str, Any] = {"sae": {}, "codes": {}, "describe": {}, **common}
    for layer in LAYERS:
        name = f"{layer}123456789abcdef"
        sae = do_step("sae", SAE, root / f"sae-{name}", layer=layer, **inputs.reads)
        codes = do_step("codes", CodesSettings(), root / f"codes-{name}", layer=layer, sae=sae, **common)
        own = {"sae": sae, "codes": codes, "references": references, "cells": cells, **common}
        described = do_step("describe", DescribeSettings(null_draws=2), root / f"describe-{name}", layer=layer, **own)
        for step, folder in (("sae", sae), ("codes", codes), ("describe", described)):
            found[step][layer] = folder
    others = CompareSettings(seeds=(0, 1))
    compared = do_step(
        "compare", others, root / "compare-0123456789ab", SAE, layer=1, sae=found["sae"][1], **inputs.reads
    )
    return found | {"compare": {1: compared}}


def run(reads: dict[str, Any], folder: Path, settings: TrackingSettings = SETTINGS) -> StepFolder:
    return StepFolder.open(do_step("tracking", settings, folder / "tracking-0123456789abcdef", **reads))


@pytest.fixture(scope="module")
def out(reads: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> StepFolder:
    return run(reads, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize("table", STEP.tables)
def test_tables_keep_their_contracts(out: StepFolder, table: str) -> None:
    frame = out.read_table(table)
    assert frame.height
    assert_contract(frame, table)


def test_rows_say_what_the_folders_hold(reads: dict[str, Any], out: StepFolder) -> None:
    layers = {
        layer: read_layer(reads["sae"][layer], reads["describe"][layer], None, reads["activations"]) for layer in LAYERS
    }
    matches, rates = out.read_table("feature_match"), out.read_table("persistence")
    for layer in (0, 1):
        found = mutual_rule(0.01).match(layers[layer].usable, layers[layer + 1].usable)
        own = matches.filter(pl.col("from_sae") == layers[layer].usable.sae_id)
        assert own["from_feature"].to_list() == layers[layer].usable.features.tolist()
        assert own["matched"].to_list() == found.matched.tolist()
        row = rates.filter((pl.col("rule") == "mutual") & (pl.col("from_layer") == layer)).row(0, named=True)
        assert row["n_matches"] == found.matched.sum()
        assert (row["seed_rate"] is None) == (layer == 0)
    assert rates.filter(pl.col("rule") == "published").height == 2 + 2
    assert out.info == {"n_pairs": 2, "n_matched": int(matches["matched"].sum())}


def test_rare_features_are_left_out(reads: dict[str, Any], out: StepFolder) -> None:
    tiers = pl.concat([StepFolder.open(folder).read_table("feature") for folder in reads["describe"].values()])
    joined = out.read_table("feature_life").join(tiers, on=["sae_id", "feature"])
    assert set(joined["tier"]) <= {"normal", "dense"}
    assert joined.height == tiers.filter(pl.col("tier").is_in(["normal", "dense"])).height


def test_all_pairs_add_the_far_ones(reads: dict[str, Any], out: StepFolder, tmp_path: Path) -> None:
    every = run(reads, tmp_path, SETTINGS.model_copy(update={"pairs": "all"}))
    rates = every.read_table("persistence").filter(pl.col("rule") == "mutual")
    assert rates.select("kind", "from_layer", "to_layer").rows() == [
        ("adjacent", 0, 1), ("long_range", 0, 2), ("adjacent", 1, 2),
    ]  # fmt: skip
    assert every.read_table("feature_life").equals(out.read_table("feature_life"))


def test_cut_off_it_goes_on_with_the_next_pair(
    reads: dict[str, Any], out: StepFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = work.pair_tables, []

    def once(*words: Any) -> dict[str, pl.DataFrame]:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(work, "pair_tables", once)
        with pytest.raises(KeyboardInterrupt):
            run(reads, tmp_path)
    again = run(reads, tmp_path)
    for table in STEP.tables:
        assert again.read_table(table).equals(out.read_table(table)), table


def test_without_another_seed_the_ceiling_is_unknown_and_said_so(
    reads: dict[str, Any], out: StepFolder, tmp_path: Path
) -> None:
    alone = run({**reads, "compare": {}}, tmp_path)
    assert alone.read_table("persistence")["seed_rate"].null_count() == out.read_table("persistence").height
    assert alone.info["no_seed_rate"] == "compare trained no other seed of these autoencoders"


def test_a_study_of_one_layer_does_without_and_too_little_memory_is_refused_before_any_work(
    reads: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STEP.layers(SETTINGS, Layers([0], {"sae": [0]})) == []
    assert STEP.layers(SETTINGS, Layers([0, 1], {"sae": [0, 1]})) == [None]
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"tracking 32 features over 3 layers needs .*: name fewer layers"):
        run(reads, tmp_path)


def test_the_other_seed_is_a_ceiling_of_its_own_layer(reads: dict[str, Any]) -> None:
    layer = read_layer(reads["sae"][1], reads["describe"][1], reads["compare"][1], reads["activations"])
    (other,) = layer.others
    assert (other.layer, other.unit.shape[1]) == (1, 32)
    assert other.sae_id != layer.living.sae_id
    np.testing.assert_allclose(np.linalg.norm(other.unit, axis=1), 1, rtol=1e-5)
