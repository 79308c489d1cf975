"""Indexes from genes and terms to features, and the cells that types were tested in, each against a loop."""

import polars as pl
import pytest

from tasks.describe.indexes import gene_index, ontology_index
from tasks.describe.settings import DescribeSettings
from tasks.describe.tested_cells import cells_tested
from tasks.store import StepFolder
from tests.builders.describe import N_CELLS, TYPES, make_world, write_inputs
from tests.builders.steps import do_step


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("indexes")
    settings = DescribeSettings(min_fire=5, shrinkage=5.0, null_draws=2)
    folders = write_inputs(root, make_world())
    return StepFolder.open(do_step("describe", settings, root / "describe-0123456789abcdef", **folders))


def test_an_index_of_genes_lists_the_first_five_of_every_feature(made):
    wanted: dict[int, list[tuple[int, str]]] = {}
    for row in made.read_table("feature_gene").iter_rows(named=True):
        if row["shown"]:
            wanted.setdefault(row["feature"], []).append((row["rank"], row["symbol"]))
    first = {(symbol, f, rank) for f, listed in wanted.items() for rank, symbol in sorted(listed)[:5]}
    index = made.read_table("gene_index")
    assert set(index.select("symbol", "feature", "rank").iter_rows()) == first
    assert index.height == len(first)
    named = {row["feature"]: row["top_genes"] for row in made.read_table("feature").to_dicts() if row["alive"]}
    for feature, own in index.sort("rank").group_by("feature"):
        assert ", ".join(own["symbol"]) == named[feature[0]]


def test_an_index_of_terms_lists_every_significant_one(made):
    rows = [row for row in made.read_table("annotation").iter_rows(named=True) if row["significant"]]
    index = made.read_table("ontology_index")
    wanted = {(row["library"], row["term"], row["feature"]) for row in rows}
    assert set(index.select("ontology", "term", "feature").iter_rows()) == wanted
    assert index.height == len(rows) > 0


def test_genes_that_share_a_symbol_are_one_gene_of_the_index():
    genes = pl.DataFrame(
        {
            "feature": [3, 3, 3, 3],
            "rank": [1, 2, 3, None],
            "symbol": ["MATR3", "TBCE", "MATR3", "LYZ"],
            "shown": [True, True, True, False],
        }
    )
    assert gene_index(genes).rows() == [("MATR3", 3, 1), ("TBCE", 3, 2)]


def test_fewer_shown_genes_than_five_are_all():
    genes = pl.DataFrame(
        {"feature": [0] * 4, "rank": [1, 2, 3, 4], "symbol": list("abcd"), "shown": [True] * 2 + [False] * 2}
    )
    assert gene_index(genes)["symbol"].to_list() == ["a", "b"]


def test_cells_of_every_type_are_counted(made):
    types = made.read_table("cell_type")
    assert dict(types.select("cell_type", "n_cells").iter_rows()) == dict.fromkeys("BT", N_CELLS // len(TYPES))
    summary = made.read_table("cell_type_summary").row(0, named=True)
    called = {row["feature"] for row in made.read_table("feature_cell_type").to_dicts() if row["called"]}
    assert summary["n_features_enriched"] == len(called) > 0
    assert (summary["n_cells"], summary["n_cell_types"], summary["tissues"]) == (2 * N_CELLS // 3, 2, None)


def test_tissues_are_those_of_the_labelled_cells():
    cells = pl.DataFrame(
        {
            "label": ["T", "T", "B", "NK", None, "unlabelled"],
            "tissue": ["lung", "blood", None, "lung", "skin", "skin"],
        }
    )
    tests = pl.DataFrame({"feature": [1, 1, 2], "called": [True, True, False]})
    tables = cells_tested(cells, tests)
    assert tables["cell_type"].rows() == [("B", 1, None), ("NK", 1, "lung"), ("T", 2, "blood, lung")]
    assert tables["cell_type_summary"].rows() == [(4, "blood, lung", 3, 1)]


def test_where_nothing_was_tested_no_cells_were():
    cells = pl.DataFrame({"label": ["T"], "tissue": ["lung"]})
    tables = cells_tested(cells, pl.DataFrame(schema={"feature": pl.UInt32, "called": pl.Boolean}))
    assert [frame.height for frame in tables.values()] == [0, 0]


def test_no_significant_term_gives_no_rows():
    annotation = pl.DataFrame({"feature": [1], "term": ["a"], "library": ["go"], "significant": [False]})
    assert ontology_index(annotation).is_empty()
