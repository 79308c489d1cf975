"""An atlas of either model, read whole: its tables are the contracts', and say what its files say."""

import json
from pathlib import Path

import polars as pl
import pytest

from tasks.atlas.atlas import open_atlas
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP as ATLAS
from tasks.steps import STEPS
from tasks.store import StepFolder
from tests.builders.atlas_files import make_atlas
from tests.builders.atlas_numbers import numbers
from tests.builders.contract import assert_contract
from tests.builders.contract_frames import shard_tables
from tests.builders.steps import do_step

OF_BOTH = {
    "annotation", "annotation_summary", "cross_layer_link", "cross_layer_summary", "feature", "feature_cell_type",
    "feature_gene", "feature_network_density", "feature_top_cell", "gene", "lifecycle", "lifecycle_span", "model",
    "module", "module_feature", "module_label", "novel_cluster", "novel_cluster_feature", "novel_cluster_gene",
    "novel_summary", "persistence", "sae", "svd_layer", "cell_type", "cell_type_summary", "feature_tissue",
    "gene_index", "ontology_index", "causal_patch", "causal_patch_gene", "causal_patch_summary",
}  # fmt: skip
OWN_RUNS_ONLY = {table for step in STEPS for table in step.tables} - OF_BOTH | {"null_draw"}  # no analysis draws yet
NOT_OF_SCGPT = {
    "cell_type", "lifecycle", "lifecycle_span", "persistence", "perturbation_feature", "perturbation_summary",
    "perturbation_target", "novel_cluster", "novel_cluster_feature", "novel_cluster_gene", "novel_summary",
    "svd_layer", "svd_summary", "gene_index",
}  # fmt: skip


def imported(source, folder, known=None):
    return do_step(ATLAS, AtlasSettings(source=source, numbers=known), folder)


@pytest.fixture(scope="module", params=["geneformer", "scgpt"])
def made(request, tmp_path_factory) -> tuple[str, Path, StepFolder]:
    """Family, files and the finished folder of an atlas whose layer 0 lacks annotations."""
    root = tmp_path_factory.mktemp(request.param)
    source = make_atlas(root / "files", request.param, without=("layer_00_annotations.json",))
    folder = imported(source, root / "runs" / "atlas-key", numbers(root / "numbers", request.param))
    return request.param, source, StepFolder.open(folder)


def read(source: Path, name: str):
    return json.loads((source / f"{name}.json").read_text())


def tables_of(folder: StepFolder) -> set[str]:
    return {shard.table for line in folder.lines.values() for shard in line.shards if shard.rows}


def test_every_table_is_its_contracts(made):
    family, _, folder = made
    tables = tables_of(folder)
    for table in tables:
        assert_contract(folder.read_table(table), table, imported=True)
    expected = shard_tables() - OWN_RUNS_ONLY
    assert tables == expected - (NOT_OF_SCGPT if family == "scgpt" else set())


def test_features_are_what_the_files_say(made):
    _, source, folder = made
    features = folder.read_table("feature").filter(layer=1)
    raw, places = read(source, "layer_01_features"), read(source, "layer_01_positions")
    assert features["feature"].to_list() == [one["i"] for one in raw]
    assert features["fire_count"].to_list() == [one["fc"] for one in raw]
    assert features["published_annotations"].to_list() == [one["na"] for one in raw]
    assert features["module"].to_list() == [None if one["m"] < 0 else one["m"] for one in raw]
    assert features["map_y"].to_list() == pytest.approx([y for _, y in places])
    assert features["tier"].to_list()[:3] == ["dead", "rare", "dense"]
    assert features["frequency"][1] == 0
    assert features["alive"][1]
    assert features["top_genes"][2] == ", ".join(gene["n"] for gene in raw[2]["tg"])


def test_densities_never_become_p_values(made):
    _, source, folder = made
    raw = read(source, "layer_01_annotations")
    edges = [(int(i), one["p"]) for i, entry in raw.items() for one in entry["anns"] if one["o"].endswith("_edges")]
    densities = folder.read_table("feature_network_density").filter(pl.col("sae_id").str.starts_with("L01"))
    assert sorted(densities.select("feature", "density").rows()) == sorted(edges)
    assert not folder.read_table("annotation")["library"].str.ends_with("_edges").any()
    label = folder.read_table("feature").filter(layer=1, feature=10).row(0, named=True)
    assert (label["label"], label["published_label"]) == (None, "pairwise_enrichment")


def test_zero_is_a_bound_and_infinity_a_flag(made):
    _, _, folder = made
    rows = folder.read_table("annotation").filter(pl.col("sae_id").str.starts_with("L01"))
    below = rows.filter("q_below_resolution")
    assert below.select("feature", "q", "odds_ratio_infinite").unique().rows() == [(4, 5e-7, True)]
    assert rows.filter(feature=2)["q"].min() == 3.2e-12
    assert rows.filter("odds_ratio_infinite")["odds_ratio"].to_list() == [None]
    types = folder.read_table("feature_cell_type")
    assert set(types.filter("odds_ratio_infinite")["cell_type"]) == {"B cell"}


def test_labels_are_the_best_of_what_was_tested(made):
    _, source, folder = made
    features, rows = folder.read_table("feature"), folder.read_table("annotation")
    best = rows.group_by("sae_id", "feature").agg(pl.col("q").min())
    joined = features.filter(pl.col("layer") > 0).join(best, on=["sae_id", "feature"], how="left")
    assert joined["label_q"].to_list() == joined["q"].to_list()
    without = features.filter(layer=0)
    tested = [one["lb"] if one["lb"] and not one["to"].endswith("_edges") else None
              for one in read(source, "layer_00_features")]  # fmt: skip
    assert without["label"].to_list() == tested
    assert without["label_q"].is_null().all()


def test_genes_are_twenty_with_annotations_and_five_without(made):
    _, source, folder = made
    genes = folder.read_table("feature_gene").group_by("sae_id", "feature").len()
    found = {(sae_id[:3], feature): n for sae_id, feature, n in genes.rows()}
    assert (found["L01", 4], found["L01", 5], found["L00", 4]) == (20, 5, 5)
    assert ("L01", 0) not in found
    symbols = {
        gene["n"] for layer in range(3) for one in read(source, f"layer_{layer:02d}_features") for gene in one["tg"]
    }
    assert symbols <= set(folder.read_table("gene")["symbol"])


def test_what_is_missing_is_recorded(made):
    family, source, folder = made
    gaps = {row["file"]: row for row in folder.read_table("import_gap").iter_rows(named=True)}
    lost = sum(read(source, "global_summary")["layers"][0]["ontology_counts"].values())
    assert gaps["layer_00_annotations.json"]["n_rows_lost"] == lost
    never_made = {"cross_layer_tracking", "perturbation_response", "novel_clusters", "svd_comparison", "gene_index"}
    expected = {f"{name}.json" for name in never_made} if family == "scgpt" else set()
    assert set(gaps) == expected | {"layer_00_annotations.json"}
    assert not set(gaps) & set(folder.read_table("import_file")["file"])


def test_the_two_causal_files_keep_their_units(made):
    family, source, folder = made
    raw = read(source, "causal_patching")["features"]
    patches = folder.read_table("causal_patch")
    assert patches["feature"].to_list() == [one["i"] for one in raw]
    assert patches["target_effect"].to_list() == [one["td"] for one in raw]
    assert set(patches["effect"]) == {"logit" if family == "geneformer" else "displacement"}
    assert set(patches["sae_id"]) == {"L02-published40"}
    assert (patches["n_cells"].null_count() == 0) == (family == "scgpt")
    assert set(patches["rule"]) == {f"published_{family}"}
    assert set(patches["target_kind"]) == set(folder.read_table("causal_patch_gene")["target_kind"]) == {"own"}
    assert patches["difference"].null_count() == patches.height


def test_importing_again_reads_nothing(made, tmp_path):
    _, source, folder = made
    before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*.parquet")}
    imported(source, folder.path, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in folder.path.rglob("*.parquet")} == before


def test_an_interrupted_import_goes_on(tmp_path, monkeypatch):
    source = make_atlas(tmp_path / "files")
    known = numbers(tmp_path / "numbers", "geneformer")
    target = tmp_path / "runs" / "atlas-key"
    with monkeypatch.context() as broken:
        broken.setattr("tasks.atlas.work.READERS", {"modules": lambda *_: 1 / 0})
        with pytest.raises(ZeroDivisionError):
            imported(source, target, known)
    finished = StepFolder(target).lines["layer_01"]
    imported(source, target, known)
    assert StepFolder.open(target).lines["layer_01"] == finished
    assert open_atlas(source, known).key == open_atlas(source, known).key
