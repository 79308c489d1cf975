"""The panel of patched features: controls stand in the picture and in the sentence, published rules below."""

from collections.abc import Callable
from pathlib import Path

import duckdb

import warehouse
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

DIRECTIONS = "UPDATE stored.patch_control SET control = 'random_direction', matched_feature = NULL"
PUBLISHED = """
INSERT INTO stored.causal_patch BY NAME
SELECT * REPLACE (
    'published_geneformer' AS rule, 'own' AS target_kind, NULL AS difference, NULL AS p, NULL AS q, NULL AS p_direction
)
FROM stored.causal_patch
"""


def test_features_stand_beside_directions_that_mean_nothing(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed(DIRECTIONS)
    app = open_page("interventions")
    assert not app.exception
    assert "of the features and for 0% of the directions that mean nothing" in texts(app)
    charts = str([chart.proto for chart in app.get("plotly_chart")])
    for name in ("direction as states vary", "reconstruction alone", "in standard errors"):
        assert name in charts
    shown = {column for frame in app.dataframe for column in frame.value.columns}
    assert {"difference", "p_direction", "per_unit", "control_called_share"} <= shown


def test_published_rules_of_an_own_run_are_shown_below(
    changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open
) -> None:
    changed(PUBLISHED)
    app = open_page("interventions")
    assert not app.exception
    assert "above the dashed line its own genes change more" in texts(app)
    assert "One point per feature and control" in texts(app)
    assert "By the published rule" in texts(app)


def test_an_import_shows_its_rows_as_published(atlas_home: Path, open_page: Open) -> None:
    app = open_page("interventions")
    assert "above the dashed line its own genes change more" in texts(app)
    assert "One point per feature and control" not in texts(app)


def test_named_interventions_stand_beside_their_controls(home: Path, open_page: Open) -> None:
    app = open_page("interventions")
    shown = next(frame.value for frame in app.dataframe if "beyond" in frame.value.columns)
    assert {"changes", "mean", "q", "random_direction", "covariance_matched", "frequency_matched"} <= set(shown.columns)
    assert "any direction changes something" in texts(app)


def test_the_page_of_a_feature_says_what_taking_it_out_does(home: Path, open_page: Open) -> None:
    with warehouse.open_snapshot(home) as con:
        sae_id, feature = con.execute("SELECT sae_id, feature FROM patch_control").fetchone()
        (other,) = con.execute(
            "SELECT min(feature) FROM feature WHERE sae_id = ? AND feature <> ?", [sae_id, feature]
        ).fetchone()
    app = open_page("feature", sae=sae_id, feature=str(feature))
    shown = next(frame.value for frame in app.dataframe if "treatment" in frame.value.columns)
    assert shown["treatment"].to_list() == ["this feature", "frequency_matched"]
    assert "This feature was not patched" in texts(open_page("feature", sae=sae_id, feature=str(other)))
