"""Annotations are recomputable: every overlap follows by SQL from tables feature_gene, gene_set and gene."""

import duckdb
import numpy as np
import pytest
from scipy.stats import hypergeom

from tasks.describe.settings import DescribeSettings
from tasks.store import StepFolder
from tests.builders.describe import make_world, write_inputs
from tests.builders.steps import do_step

TESTED = 15
LIBRARY = "planted"
OVERLAPS = """
    WITH lists AS (
        SELECT feature, upper(symbol) AS gene, min(rank) AS rank, arg_min(symbol, rank) AS symbol
        FROM feature_gene
        WHERE rank <= $tested
        GROUP BY ALL
    ),
    background AS (
        SELECT DISTINCT upper(symbol) AS gene FROM gene WHERE token_id IS NOT NULL AND n_cells > 0
    ),
    sets AS (
        SELECT DISTINCT term, upper(gene) AS gene
        FROM gene_set
        WHERE reference = $library AND kind = 'gene_set' AND upper(gene) IN (FROM background)
    )
    SELECT
        feature, term, count(*) AS n_overlap, string_agg(symbol, ', ' ORDER BY rank) AS genes,
        any_value(n_feature_genes) AS n_feature_genes, any_value(n_set) AS n_set,
        (SELECT count(*) FROM background) AS n_background
    FROM lists
    JOIN sets USING (gene)
    JOIN (SELECT feature, count(*) AS n_feature_genes FROM lists GROUP BY ALL) USING (feature)
    JOIN (SELECT term, count(*) AS n_set FROM sets GROUP BY ALL) USING (term)
    GROUP BY ALL
"""


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    root = tmp_path_factory.mktemp("recomputed")
    folders = write_inputs(root, make_world())
    settings = DescribeSettings(min_fire=2, shrinkage=5.0, top_genes=4, tested_genes=TESTED, listed="evenly")
    folders["describe"] = do_step("describe", settings, root / "describe-0123456789abcdef", **folders)
    with duckdb.connect() as con:
        for step, tables in (
            ("describe", ("feature_gene", "annotation")),
            ("references", ("gene_set",)),
            ("cells", ("gene",)),
        ):
            for table in tables:
                paths = [str(path) for path in StepFolder.open(folders[step]).shards(table)]
                con.read_parquet(paths).create(table)
        yield con


def test_overlaps_follow_from_the_tables(con):
    found = con.execute(OVERLAPS, {"tested": TESTED, "library": LIBRARY}).pl()
    written = con.execute("FROM annotation WHERE library = $library", {"library": LIBRARY}).pl()
    names = ["feature", "term", "n_overlap", "n_feature_genes", "n_set", "n_background", "genes"]
    both = written.select(names).join(found, on=["feature", "term"], how="left", suffix="_again")
    assert written.height > 8
    for name in names[2:]:
        assert both[name].to_list() == both[f"{name}_again"].to_list(), name
    assert written["n_feature_genes"].max() == TESTED


def test_p_follows_from_the_overlaps(con):
    """By Fisher's exact test, as ``describe.listed = "evenly"`` asks for."""
    rows = con.execute("FROM annotation WHERE library = $library", {"library": LIBRARY}).pl()
    k, m, n, total = (
        rows[name].to_numpy().astype(np.int64) for name in ("n_overlap", "n_set", "n_feature_genes", "n_background")
    )
    expected = n * m / total
    assert rows["expected"].to_numpy() == pytest.approx(expected, rel=1e-12)
    assert rows["p"].to_numpy() == pytest.approx(hypergeom.sf(k - 1, total, m, n), rel=1e-9)


def test_twenty_genes_would_not_do(con):
    """The lists that pages show are shorter than those that are tested."""
    shown = con.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM feature_gene WHERE shown GROUP BY feature)")
    assert shown.fetchall() == [(4,)]
    short = con.execute(OVERLAPS, {"tested": 4, "library": LIBRARY}).pl()
    whole = con.execute(OVERLAPS, {"tested": TESTED, "library": LIBRARY}).pl()
    assert short["n_overlap"].sum() < whole["n_overlap"].sum()
