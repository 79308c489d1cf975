"""The bundled numbers of the two published atlases, and the Geneformer atlas itself where it is at hand."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from tasks.atlas.atlas import open_atlas
from tasks.atlas.known import NUMBERS, recognise
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP as ATLAS
from tasks.atlas.summary import Summary
from tasks.store import StepFolder
from tests.builders.steps import do_step
from tests.shared import shared_path

ROWS = {
    "feature": 82_944, "annotation": 223_729, "feature_network_density": 2_953, "feature_cell_type": 167_391,
    "feature_tissue": 79_784, "feature_top_cell": 395_130, "cell_type": 1_134, "module": 141,
    "module_feature": 81_177, "module_label": 681, "cross_layer_link": 7_500, "cross_layer_summary": 3,
    "persistence": 35, "causal_patch": 50, "causal_patch_gene": 500, "perturbation_target": 100,
    "perturbation_feature": 406, "novel_cluster": 57, "novel_cluster_feature": 222, "novel_cluster_gene": 732,
    "svd_layer": 18, "published_layer": 18, "published_layer_ontology": 90, "gene": 6_332,
}  # fmt: skip


@pytest.mark.parametrize(("family", "n_layers", "n_features"), [("geneformer", 18, 4608), ("scgpt", 12, 2048)])
def test_bundled_numbers_fit_their_atlas(family, n_layers, n_features):
    known = recognise(Summary(n_layers, n_features, {}))
    assert known is not None
    assert known.family == family
    values = known.values
    by_layer = values.filter(pl.col("item").str.contains(r"^L\d+$"))["item"].str.slice(1).cast(int)
    assert by_layer.max() == n_layers - 1
    raw = tomllib.loads((NUMBERS / f"{family}.toml").read_text())
    assert all(len(entry["by_layer"]) == n_layers for entry in raw["value"] if "by_layer" in entry)


@pytest.mark.parametrize("family", ["geneformer", "scgpt"])
@pytest.mark.parametrize(
    "quantity", ["living_features", "annotated_features", "modules", "annotation_rows", "rows_KEGG"]
)
def test_published_layers_add_up_to_published_totals(family, quantity):
    raw = tomllib.loads((NUMBERS / f"{family}.toml").read_text())["value"]
    entries = [entry for entry in raw if entry["quantity"] == quantity]
    (total,) = [entry["value"] for entry in entries if "value" in entry]
    (layers,) = [entry["by_layer"] for entry in entries if "by_layer" in entry]
    assert sum(layers) == total


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> StepFolder:
    source = shared_path("published/geneformer_atlas")
    target = tmp_path_factory.mktemp("published") / "runs" / f"atlas-{open_atlas(source).key}"
    return StepFolder.open(do_step(ATLAS, AtlasSettings(source=source), target))


@pytest.mark.slow
def test_the_published_atlas_is_read_whole(published: StepFolder):
    assert {table: published.read_table(table).height for table in ROWS} == ROWS
    genes = published.read_table("feature_gene")
    assert genes.filter(pl.col("rank") <= 5).height == 410_244
    assert genes["fire_count"].count() == 602_666
    annotation = published.read_table("annotation")
    assert annotation["n_overlap"].cast(int).sum() == 508_839
    assert annotation["q_below_resolution"].sum() == 454
    missing = [file for file in published.read_table("import_gap")["file"] if "annotations" in file]
    assert [Path(file).stem[6:8] for file in missing] == ["00", "01", "02", "03", "11"]


@pytest.mark.slow
def test_how_often_published_features_fire(published: StepFolder):
    """Never, 1 to 9, 10 to 99 and 100 to 999 times; on more than 1, 10 and 50 % of positions: as others counted."""
    feature = published.read_table("feature")
    fires, frequency = feature["fire_count"], feature["frequency"]
    edges = [(0, 0), (1, 9), (10, 99), (100, 999)]
    assert [fires.is_between(low, high).sum() for low, high in edges] == [419, 772, 99, 382]
    assert [(frequency > share).sum() for share in (0.01, 0.1, 0.5)] == [15_133, 214, 0]


@pytest.mark.slow
def test_published_answers_are_led_by_features_that_hardly_fire(published: StepFolder):
    """Of 406 entries 220 exceed one half, 193 of them of features with fewer than 100 firings: 37 features in all."""
    fires = published.read_table("feature").select("sae_id", "feature", "fire_count")
    answers = published.read_table("perturbation_feature").join(fires, on=["sae_id", "feature"])
    large = answers.filter(pl.col("effect").abs() > 0.5)
    counts = [large["fire_count"].is_between(low, high).sum() for low, high in ((0, 99), (100, 999), (1000, 10**9))]
    assert (answers.height, large.height, counts) == (406, 220, [193, 0, 27])
    assert large["feature"].n_unique() == 37
