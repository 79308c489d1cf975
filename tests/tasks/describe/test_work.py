"""The describe step end to end on step folders with a planted truth."""

from dataclasses import replace

import polars as pl
import pytest

from flows.report import conclude
from tasks.describe.settings import DescribeSettings
from tasks.steps import step_named
from tasks.store import StepFolder
from tests.builders.describe import DEAD, N_CELLS, N_FEATURES, N_PLANTED, SET_SIZE, make_world, write_inputs
from tests.builders.references import read_references
from tests.builders.steps import do_step

TABLES = [
    "feature",
    "feature_gene",
    "feature_top_cell",
    "feature_histogram",
    "feature_neighbour",
    "annotation",
    "annotation_summary",
    "feature_cell_type",
]


def run(root, world, labels=True, **changes):
    settings = DescribeSettings(**{"min_fire": 5, "shrinkage": 5.0, **changes})
    folders = write_inputs(root, world, labels)
    folder = root / "describe-0123456789abcdef"
    return StepFolder.open(do_step("describe", settings, folder, **folders))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("planted"), make_world())


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_rows(planted, table):
    assert planted.read_table(table).height > 0


def test_planted_gene_sets_are_the_labels(planted):
    feature = planted.read_table("feature").head(N_PLANTED)
    assert feature["label"].to_list() == [f"set {i}" for i in range(N_PLANTED)]
    assert set(feature["label_library"]) == {"planted"}


def test_planted_cell_types_are_found(planted):
    feature = planted.read_table("feature").head(N_PLANTED)
    assert feature["top_cell_type"].to_list()[::2] == ["T"] * (N_PLANTED // 2)
    assert (feature["top_cell_type_auroc"][::2] > 0.9).all()


def test_planted_genes_lead_the_lists(planted):
    genes = planted.read_table("feature_gene").filter(pl.col("feature") < N_PLANTED, pl.col("rank") <= SET_SIZE)
    own = genes["symbol"].str.slice(1).cast(pl.UInt32) // SET_SIZE == genes["feature"]
    assert own.all()


def test_more_genes_can_be_tested_than_listed(tmp_path):
    folder = run(tmp_path, make_world(), top_genes=3, tested_genes=9)
    genes = folder.read_table("feature_gene")
    assert genes["rank"].max() == 9
    assert genes.filter("shown")["rank"].max() == 3
    assert genes.filter(pl.col("rank") <= 3)["shown"].all()
    assert folder.read_table("feature")["top_genes"].to_list() == [
        ", ".join(rows["symbol"][:5]) if not rows.is_empty() else None
        for rows in (genes.filter(pl.col("feature") == f, pl.col("rank").is_not_null()) for f in range(N_FEATURES))
    ]
    assert folder.read_table("annotation")["n_feature_genes"].max() == 9


def test_a_dead_feature_has_a_row_and_nothing_else(planted):
    dead = planted.read_table("feature").row(DEAD, named=True)
    assert (dead["alive"], dead["tier"], dead["fire_count"], dead["mean_when_active"]) == (False, "dead", 0, None)
    assert [dead[name] for name in ("label", "top_genes", "top_cell_type", "map_x")] == [None] * 4
    for table in TABLES[1:]:
        frame = planted.read_table(table)
        assert "feature" not in frame.columns or DEAD not in frame["feature"].to_list()
    assert planted.read_table("feature").height == N_FEATURES


def test_pure_noise_is_annotated_no_more_than_its_null(tmp_path):
    """The planted sets find nothing in features that fire anywhere: the observed fraction is the null's."""
    summary = run(tmp_path, make_world(planted=False)).read_table("annotation_summary").filter(rule="default")
    assert (summary["annotated_fraction"] <= summary["null_max"] + 1 / N_FEATURES).all()
    assert (summary["n_annotated"] <= 1).all()


def test_the_summary_counts_what_the_tables_hold(planted):
    both = planted.read_table("annotation_summary")
    assert both["library"].to_list() == ["planted", "all"] * 2
    summary = both.filter(rule="default")
    significant = planted.read_table("annotation").filter("significant")
    assert summary["n_annotated"].to_list() == [significant["feature"].n_unique()] * 2
    assert (summary["n_tests"] == summary["n_features"].cast(pl.UInt64) * summary["n_terms"]).all()
    assert (summary["annotated_fraction"] > summary["null_max"]).all()


def test_without_labels_there_are_no_cell_types(tmp_path):
    folder = run(tmp_path, make_world(), labels=False)
    frame = folder.read_table("feature_cell_type")
    assert frame.is_empty()
    assert folder.read_table("feature")["top_cell_type"].null_count() == N_FEATURES


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (("only",) * N_CELLS, "every cell with a label is of type only"),
        (tuple(map(str, range(N_CELLS))), "none of 120 labels is that of 20 cells or more (describe.min_cells)"),
        (("unlabelled",) * N_CELLS, None),
    ],
)
def test_labels_that_compare_nothing_are_said_once(tmp_path, capsys, label, says):
    folder = run(tmp_path, replace(make_world(), label=label))
    assert folder.read_table("feature_cell_type").is_empty()
    conclude(step_named("describe"), [folder.path, folder.path])
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if "cell type" in line]
    assert lines == ([] if says is None else [f"no cell type was compared: {says}"])


def test_same_inputs_same_bytes(planted, tmp_path):
    again = run(tmp_path, make_world())
    for table in TABLES:
        assert again.shards(table)[0].read_bytes() == planted.shards(table)[0].read_bytes()


def test_a_finished_folder_is_left_alone(planted):
    nowhere = planted.path / "nowhere"
    manifest = (planted.path / "manifest.json").stat().st_mtime_ns
    reads = dict.fromkeys(("codes", "sae", "activations", "references", "cells"), nowhere)
    do_step("describe", DescribeSettings(), planted.path, **reads)
    assert (planted.path / "manifest.json").stat().st_mtime_ns == manifest


def test_targets_of_factors_are_gene_sets_if_asked_for(tmp_path):
    """A network of the planted sets' genes: factor i and the others of its set. Unasked for, it is no library."""
    folders = write_inputs(tmp_path, make_world())
    first = [SET_SIZE * i for i in range(N_PLANTED)]
    lines = [f"G{g}\tG{g + j}\tactivation" for g in first for j in range(1, SET_SIZE)]
    network = tmp_path / "net.tsv"
    network.write_text("\n".join(["tf\ttarget\tmode", *lines]) + "\n")
    (tmp_path / "other").mkdir()
    known = read_references(tmp_path / "other", folders["cells"], [tmp_path / "planted.gmt"], networks=[network])
    for regulons, named in ((True, {"planted", "net", "all"}), (False, {"planted", "all"})):
        settings = DescribeSettings(min_fire=5, shrinkage=5.0, regulons=regulons)
        folder = tmp_path / f"describe-{'01'[regulons]}123456789abcdef"
        found = StepFolder.open(do_step("describe", settings, folder, **{**folders, "references": known}))
        assert set(found.read_table("annotation_summary")["library"]) == named
        hits = found.read_table("annotation").filter(pl.col("significant"), pl.col("library") == "net")
        wanted = {(i, f"G{g}") for i, g in enumerate(first)} if regulons else set()
        assert set(hits.select("feature", "term").iter_rows()) == wanted
