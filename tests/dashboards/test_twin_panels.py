"""A feature in other autoencoders of its layer, and in other runs of the same trained one."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.dashboards.conftest import Open
from tests.dashboards.test_address import SECOND_RUN

TWIN = "SELECT sae_id, feature, count(*) FROM feature_twin GROUP BY ALL ORDER BY ALL LIMIT 1"


def test_a_feature_is_shown_beside_those_of_other_seeds(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    sae_id, feature, n = snapshot.sql(TWIN).fetchone()
    app = open_page("feature", sae=sae_id, feature=str(feature))
    (table,) = [frame.value for frame in app.dataframe if "chance_cosine" in frame.value.columns]
    assert len(table) == n > 0
    assert table["cosine"].is_monotonic_decreasing
    assert "No other run of this warehouse has this trained autoencoder." in [one.value for one in app.info]


def test_runs_with_the_same_weights_say_what_a_feature_is(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    con = changed(SECOND_RUN)
    sae_id, feature, _ = con.sql(TWIN).fetchone()
    (first,) = con.sql("SELECT run_id FROM run WHERE run_id <> 'second'").fetchone()
    app = open_page("feature", sae=sae_id, feature=str(feature), run=first)
    (table,) = [frame.value for frame in app.dataframe if "n_calibrated" in frame.value.columns]
    assert table["run_id"].tolist() == ["second"]
    assert table["page"].tolist() == [f"feature?run=second&sae={sae_id}&feature={feature}"]
    (degree,) = con.execute(
        "SELECT sum(degree) FROM feature_degree WHERE run_id = 'second' AND sae_id = $1 AND feature = $2 "
        "AND direction = 'out' AND effect = 'total' AND criterion = 'calibrated'",
        [sae_id, feature],
    ).fetchone()
    assert table["n_calibrated"].fillna(0).tolist() == [degree or 0]
