"""A study of two donors and two batches whose truth is known: what the tables say of types, donors, batches and depth.

Always: every gene taken as a feature of its own. Slow: the whole study, as a user runs it.
"""

from pathlib import Path

import anndata as ad
import duckdb
import numpy as np
import pytest
from scipy.sparse import csr_matrix, diags

from tasks.analyses.labels.columns import LabelColumns, encode
from tasks.analyses.labels.comparison import Ranked
from tasks.analyses.labels.design import Design, depth_bins
from tasks.statistics import benjamini_hochberg
from tasks.statistics.matching import quantile_bins
from tests.builders.atlas_runs import OF_IMPORTS_ALONE
from tests.builders.two_donors import N_GENES, OF_EACH, RARE, TYPES, VALUES, write_donors
from tests.conftest import ROOT
from warehouse import open_snapshot
from warehouse.contracts.contract import contracts

STUDY, ALPHA, MOST = ROOT / "tests" / "studies" / "donors.toml", 0.05, 20
N_PLAIN = N_GENES - OF_EACH * sum(len(values) for values in VALUES.values())


def marked(
    path: Path, column: str, stratified: bool = True, conditional: bool = False, raw: bool = False
) -> dict[str, set[str]]:
    """The genes that mark each value of a column, every gene a feature whose value is its share of the cell's counts.

    ``raw``: the counts themselves, which are all larger in deeper cells.
    """
    cells = ad.read_h5ad(path)
    total = np.asarray(cells.X.sum(axis=1)).ravel()
    columns = {name: encode(name, cells.obs[name].astype(str).to_numpy(object)) for name in (*VALUES, "disease")}
    depth = quantile_bins(total, depth_bins(MOST, len(total), [2, 2]) if stratified else 1)
    given = columns["batch"] if conditional else None
    design = Design(
        LabelColumns(list(columns.values()), {}, columns["donor"] if stratified else None, given), depth, total < 0
    )
    values = csr_matrix(cells.X if raw else diags(1 / total) @ cells.X)
    labels = columns[column]
    ranked = Ranked(values, labels, design.strata(labels, conditional), 10, 3)
    found = ranked.compare()
    p = np.where(np.isnan(found.p), 1.0, found.p)
    q = benjamini_hochberg(p.ravel()).reshape(p.shape)
    symbols = cells.var["gene_symbols"].to_numpy()
    return {
        labels.names[one]: set(symbols[(q[:, place] <= ALPHA) & (found.auroc[:, place] > 0.5)])
        for place, one in enumerate(ranked.tested)
    }


@pytest.mark.parametrize("nested", [False, True])
def test_genes_mark_what_they_are_planted_for_and_nothing_else(tmp_path, nested):
    path = tmp_path / "donors.h5ad"
    planted = write_donors(path, nested=nested)
    for column in ("cell_type", "tissue", "batch"):
        found = marked(path, column)
        of_others = {gene for (other, _), genes in planted.items() if other != column for gene in genes}
        for value in VALUES[column]:
            assert set(planted[column, value]) <= found[value], (column, value)
            assert len(found[value] & of_others) <= 0.1 * len(of_others), (column, value)
    assert not any(marked(path, "disease").values()), "two donors are too few for a label of whole donors"


def test_depth_alone_marks_batches_without_strata_and_not_within_them(tmp_path):
    path = tmp_path / "donors.h5ad"
    planted = {gene for genes in write_donors(path).values() for gene in genes}
    alone, within = (marked(path, "batch", stratified, raw=True)["a"] - planted for stratified in (False, True))
    assert len(alone) >= 0.75 * N_PLAIN
    assert len(within) <= 0.1 * N_PLAIN


def test_a_donor_of_one_batch_is_told_from_the_batch_only_within_it(tmp_path):
    path = tmp_path / "donors.h5ad"
    planted = write_donors(path, nested=True)
    of_batch = set(planted["batch", "b"])
    alone, within = marked(path, "donor")["d2"], marked(path, "donor", conditional=True)["d2"]
    assert of_batch <= alone
    assert not of_batch & within
    assert set(planted["donor", "d2"]) <= alone & within


PLANTED = """
WITH value AS (
    SELECT sae_id, feature, term, sum(fire_count * mean_activation) AS activation
    FROM feature_gene
    LEFT JOIN (SELECT run_id, term, gene AS symbol FROM gene_set WHERE reference = 'planted') USING (run_id, symbol)
    GROUP BY ALL
),
own AS (
    SELECT sae_id, feature, coalesce(term, 'plain') AS term FROM value
    QUALIFY activation > 0.5 * sum(activation) OVER (PARTITION BY sae_id, feature)
),
marks AS (
    SELECT sae_id, feature, obs_column, list(concat(obs_column, ' ', label)) AS labels
    FROM feature_label WHERE significant AND NOT conditional GROUP BY ALL
)
SELECT
    split_part(term, ' ', 1) AS planted, held.obs_column, count(*) AS n, count(labels) AS n_marking,
    count(*) FILTER (list_contains(labels, term)) AS n_marking_it
FROM own
CROSS JOIN (SELECT DISTINCT obs_column FROM label_summary) AS held
LEFT JOIN marks USING (sae_id, feature, obs_column)
GROUP BY ALL
"""  # features by the planted set that holds most of their activation, and how many of them mark some label of a column
RATES = """
SELECT rule, avg(called_fraction), avg(null_mean) FROM label_summary
WHERE obs_column = 'batch' AND rule IN ('stratified', 'unstratified') GROUP BY rule
"""
UNTESTED = (
    "SELECT count(*), count(*) FILTER (observed IS NULL AND meaning LIKE 'Nothing could be tested%') FROM validation"
)


@pytest.fixture(scope="module")
def folder(scfm, tmp_path_factory) -> Path:
    """The files, and in ``home`` a published run of the whole study."""
    folder = tmp_path_factory.mktemp("donors")
    write_donors(folder / "donors.h5ad")
    done = scfm(folder / "home", "run", str(STUDY), cwd=folder)
    assert done.status == 0, done.err
    assert "Warning" not in done.out + done.err
    assert scfm(folder / "home", "check", cwd=folder).status == 0
    return folder


@pytest.fixture
def con(folder) -> duckdb.DuckDBPyConnection:
    return open_snapshot(folder / "home")


@pytest.mark.slow
def test_features_of_planted_genes_mark_what_these_are_planted_for(con):
    found = con.execute(PLANTED).fetchall()
    assert {planted for planted, *_ in found} == {*VALUES, "plain"}
    n, marking_it = np.sum([(n, it) for planted, held, n, _, it in found if planted == held], axis=0)
    assert n >= 100
    assert marking_it >= 0.6 * n
    for wanted in (set(VALUES), {"plain"}):
        rows = [(n, marking) for planted, held, n, marking, _ in found if planted != held and planted in wanted]
        n, marking = np.sum(rows, axis=0)
        assert marking <= 0.08 * n, wanted


@pytest.mark.slow
def test_depth_alone_makes_batches_of_features_that_strata_do_not(con):
    rates = {rule: (called, null) for rule, called, null in con.execute(RATES).fetchall()}
    assert rates["unstratified"][1] > 0.1
    assert rates["stratified"][1] < 0.02
    assert rates["stratified"][0] < 0.6 * rates["unstratified"][0]


@pytest.mark.slow
def test_labels_of_whole_donors_have_no_p_and_rare_types_are_held_too(con):
    whole = "SELECT DISTINCT unit, strata, n_donors, p, donor_p FROM feature_label WHERE obs_column = 'disease'"
    assert sorted(con.execute(whole).fetchall()) == [
        ("donor", "batch, depth", 2, None, None),
        ("donor", "depth", 2, None, None),
    ]
    tests = "SELECT sum(n_tests), sum(n_called) FROM label_summary WHERE obs_column = 'disease' AND rule = 'stratified'"
    assert con.execute(tests).fetchone() == (0, 0)
    few = "SELECT DISTINCT n_cells, n_others, unit FROM feature_label WHERE label = ?"
    assert con.execute(few, [RARE]).fetchall() == [(TYPES[RARE], sum(TYPES.values()) - TYPES[RARE], "cell")]
    assert con.execute("SELECT count(donor_p) FROM feature_label").fetchone() == (0,), "two donors tell of no others"


@pytest.mark.slow
def test_every_table_is_filled_or_says_why_not(con):
    counts = {name: con.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in contracts()}
    empty = {name for name, n in counts.items() if n == 0} - OF_IMPORTS_ALONE
    not_made = {step for (step,) in con.execute("SELECT step FROM run_analysis WHERE NOT made").fetchall()}
    assert not_made == {"consensus", "transfer", "responses", "answers", "strength"}  # no other study, no screen
    no_edge = {"gene_pair"} if len(set(con.execute(UNTESTED).fetchone())) == 1 else set()
    nothing = {"precision_audit", "refused_step", "module_label", "null_draw", "disease_test"}  # with little annotated
    few = {"tail_alternative", "tail_curve", "combination_contrast", "layer_gradient", "disease_circuit"}
    other = ("transfer_", "consensus_", "source_contrast", "paired_gene_pair", "domain_", "novel_pair", "class_c")
    other += ("perturbation", "answer", "feature_a", "feature_st", "strength_", "disease_c", "validation_s", "pair_v")
    assert {name for name in empty if not name.startswith(other)} <= no_edge | few | nothing


@pytest.mark.slow
def test_a_donor_nested_in_a_batch_and_columns_that_are_no_labels_are_told(scfm, folder):
    write_donors(folder / "nested.h5ad", nested=True)
    changes = [f"cells.path={folder / 'nested.h5ad'}", "labels.columns=[]", "labels.families=[]"]
    words = [word for change in changes for word in ("--set", change)]
    done = scfm(folder / "nested", "run", str(STUDY), "--only", "labels", *words, cwd=folder)
    assert done.status == 0, done.err
    con = open_snapshot(folder / "nested")
    left_out = "SELECT DISTINCT obs_column, reason FROM label_summary WHERE reason IS NOT NULL AND NOT conditional"
    assert sorted(con.execute(left_out).fetchall()) == [
        ("age", "age holds numbers (2 different ones) and no names"),
        ("plate", "plate is p1 in every cell that has it"),
    ]
    only_d1 = "SELECT DISTINCT n_donors FROM feature_label WHERE obs_column = 'batch'"
    assert con.execute(only_d1).fetchall() == [(1,)]
