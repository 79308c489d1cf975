"""Scores as one wide table: read back by pandas and held against the tables, row by row."""

import duckdb
import pandas as pd
import pytest

from tests.builders.atlas_runs import imported_atlas
from warehouse import open_snapshot, publish_run, snapshot_path
from warehouse.errors import UnknownName
from warehouse.export import export_scores

HOSTILE = 'B cells, "naive"\nor $x$ \x01'


def scores_of(con):
    """Every score by feature, analysis and metric, from one query a table."""
    named = {
        (sae_id, feature): name
        for sae_id, feature, name in con.sql(
            "SELECT sae_id, feature, 'L' || layer || '_F' || feature FROM feature WHERE alive"
        ).fetchall()
    }
    found = {}
    for sae, feature, column, label, auroc, q in con.sql(
        "SELECT sae_id, feature, obs_column, label, auroc, q FROM feature_label WHERE NOT conditional"
    ).fetchall():
        found |= {(sae, feature, "labels", f"{column}_{label}_auroc"): auroc}
        found |= {(sae, feature, "labels", f"{column}_{label}_q"): q}
    for sae, feature, column, label, kind, value, q in con.sql(
        "SELECT sae_id, feature, obs_column, label, score_kind, heldout_value, q FROM feature_label_score"
    ).fetchall():
        found |= {(sae, feature, "scores", f"{column}_{label}_{kind}"): value}
        found |= {(sae, feature, "scores", f"{column}_{label}_{kind}_q"): q}
    for sae, feature, library, family, odds, q in con.sql(
        "SELECT sae_id, feature, library, family, log_odds, q FROM feature_family"
    ).fetchall():
        found |= {(sae, feature, "families", f"{library}_{family}_log_odds"): odds}
        found |= {(sae, feature, "families", f"{library}_{family}_q"): q}
    for sae, feature, difference, q in con.sql(
        "SELECT sae_id, feature, difference, q FROM feature_expression"
    ).fetchall():
        found |= {(sae, feature, "expression", "difference"): difference, (sae, feature, "expression", "q"): q}
    for sae, feature, frequency in con.sql("SELECT sae_id, feature, frequency FROM feature WHERE alive").fetchall():
        found |= {(sae, feature, "density", "frequency"): frequency}
    return {(named[sae, feature], *of): value for (sae, feature, *of), value in found.items() if value is not None}


def read(path):
    return pd.read_csv(path, header=[0, 1], index_col=0)


def test_two_rows_of_heads_and_a_row_a_feature_hold_every_score(published, tmp_path):
    report = export_scores(tmp_path / "scores.csv", published)
    table = read(tmp_path / "scores.csv")
    with open_snapshot(published) as con:
        expected = scores_of(con)
    got = {(name, *column): value for column in table for name, value in table[column].dropna().items()}
    assert got.keys() == expected.keys()
    assert got == pytest.approx(expected, rel=1e-12)  # pandas reads the last digit as it likes
    assert table.shape == (report.n_features, report.n_columns)
    assert table.columns.names == ["analysis_type", "metric"]
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


def test_labels_from_files_stay_one_head(home, tmp_path):
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.feature_label SET label = ? WHERE label = 'B cell'", [HOSTILE])
    export_scores(tmp_path / "scores.csv", home)
    metrics = read(tmp_path / "scores.csv")["labels"].columns
    assert "cell_type_" + HOSTILE.replace("\x01", "\\x01") + "_auroc" in metrics


def test_a_run_without_scores_is_said_in_one_line(tmp_path):
    run, folder = imported_atlas(tmp_path / "home")
    publish_run(tmp_path / "home", run, [folder])
    with pytest.raises(UnknownName, match=r"holds no scores: set labels\.wanted = true") as refused:
        export_scores(tmp_path / "scores.csv", tmp_path / "home")
    assert refused.value.exit_status == 2
    assert not (tmp_path / "scores.csv").exists()
