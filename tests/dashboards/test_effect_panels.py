"""Direct beside total effects, controls beside real ablations, and the audit: queries against slow twins, and tabs."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.stats import spearmanr

import warehouse
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import metric, texts
from tests.dashboards.test_queries import ask
from tests.warehouse.shards import rewrite_table

PAIR = ["source_feature", "target_feature"]
OF_EDGES = [
    "Tails", "Annotated hubs", "Hubs: damage", "Damage by layer", "Responsive targets", "Coherence", "Attenuation",
    "Effect sizes", "Replication", "Stability", "Co-expression", "Least effects", "Transfer",
]  # fmt: skip


def edges_of(snapshot: duckdb.DuckDBPyConnection, rule: str, effect: str, target_sae: str) -> set[tuple[int, int]]:
    """Keys of the edges of one kind of effect that reach one autoencoder."""
    if rule == "measured":
        frame = snapshot.execute("SELECT * FROM edge_stat").pl()
    else:
        frame = snapshot.execute("SELECT * FROM edge WHERE criterion = ?", [rule]).pl()
    return set(frame.filter(effect=effect, target_sae=target_sae).select(PAIR).rows())


@pytest.mark.parametrize("rule", ["specific", "calibrated", "published", "measured"])
def test_direct_and_total_are_compared_pair_by_pair(snapshot: duckdb.DuckDBPyConnection, rule: str) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    asked = {"run_id": run_id, "criterion": rule, "source_sae": None}
    rows = list(ask(snapshot, "direct_and_total", asked).pl().iter_rows(named=True))
    stats = snapshot.sql("SELECT * FROM edge_stat").pl()
    assert [row["target_layer"] for row in rows] == [1, 2]
    for row in rows:
        total, direct = (edges_of(snapshot, rule, effect, row["target_sae"]) for effect in ("total", "direct"))
        assert (row["n_total"], row["n_direct"], row["n_both"]) == (len(total), len(direct), len(total & direct))
        own = stats.filter(target_sae=row["target_sae"])
        measured = {
            effect: {(r["source_feature"], r["target_feature"]): r for r in own.filter(effect=effect).to_dicts()}
            for effect in ("total", "direct")
        }
        either = sorted(measured["total"].keys() | measured["direct"].keys())
        nothing = {"d": 0.0, "mean": 0.0}
        d, size = (
            {k: np.array([measured[k].get(pair, nothing)[name] for pair in either]) for k in measured}
            for name in ("d", "mean")
        )
        assert row["n_pairs"] == len(either)
        assert row["d_rho"] == pytest.approx(spearmanr(d["total"], d["direct"]).statistic)
        assert row["direct_share"] == pytest.approx(np.abs(size["direct"]).sum() / np.abs(size["total"]).sum())


def test_direct_share_falls_where_the_study_lets_it(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    asked = {"run_id": run_id, "criterion": "calibrated", "source_sae": None}
    shares = ask(snapshot, "direct_and_total", asked).pl()["direct_share"]
    assert shares.to_list() == pytest.approx([1.0, 0.6], abs=1e-6)


def test_ratios_are_to_the_real_ablation(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    frame = ask(snapshot, "controls", {"run_id": run_id, "effect": "direct", "source_sae": None}).pl()
    assert set(frame["control"]) == {
        "real", "zero", "random_direction", "covariance_matched", "frequency_matched", "published_noise",
        "reconstruction",
    }  # fmt: skip
    for (_,), own in frame.group_by("source_feature"):
        real = own.filter(control="real")["mean_abs_effect"][0]
        assert own["effect_ratio"].to_list() == pytest.approx((own["mean_abs_effect"] / real).to_list())


def test_circuits_page_shows_comparison_controls_and_audit(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    app = open_page("circuits")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == [
        "Edges", "Graph", "Hubs", *OF_EDGES, "Direct and total", "Thresholds and null", "Controls", "Controls: excess",
        "Traced cells", "Precision",
    ]  # fmt: skip
    assert "fresh noise cancels in it" in texts(app)
    tables = [set(frame.value.columns) for frame in app.dataframe]
    assert any({"direct_share", "d_rho", "n_both"} <= columns for columns in tables)
    assert any({"edge_jaccard", "p999_d_difference"} <= columns for columns in tables)
    assert any({"degree", "frequency", "n_positions"} <= columns for columns in tables)
    assert metric(app, "Covariance matched") == "0.50"
    assert metric(app, "Zero") == "0.00"
    assert "Measured in **bf16**" in texts(app)


def test_feature_page_counts_edges_by_effect(home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection) -> None:
    sae, feature = snapshot.sql("SELECT source_sae, source_feature FROM edge LIMIT 1").fetchall()[0]
    app = open_page("feature", sae=sae, feature=str(feature))
    counts = next(frame.value for frame in app.dataframe if "n_edges_out" in frame.value.columns)
    edges = snapshot.execute("SELECT * FROM edge WHERE source_feature = ?", [feature]).pl()
    assert len(counts) == 6  # two effects by three rules
    for effect, criterion, n_out in zip(counts["effect"], counts["criterion"], counts["n_edges_out"], strict=True):
        assert edges.filter(effect=effect, criterion=criterion).height == n_out


@pytest.mark.slow
def test_panels_of_what_was_not_measured_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    run, folders = make_study(tmp_path / "runs", n_features=24, layers=(0, 1), effects=("total",), precision="float32")
    warehouse.publish_run(tmp_path, run, folders)
    app = open_page("circuits")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == [
        "Edges", "Graph", "Hubs", *OF_EDGES, "Thresholds and null", "Controls", "Controls: excess", "Traced cells",
    ]  # fmt: skip
    assert not [one for one in app.warning if "have the smallest p" not in one.value]  # of few cells, not of precision


@pytest.mark.slow
def test_reduced_precision_without_an_audit_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, few_checks: None
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    run, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1), precision="bf16")
    rewrite_table(folders, "precision_audit", lambda frame: frame.clear())
    warehouse.publish_run(tmp_path, run, folders)
    app = open_page("circuits")
    assert not app.exception
    assert app.warning[0].value == "Measured in bf16, and nothing was measured again in float32."
