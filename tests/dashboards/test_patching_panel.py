"""The panel of patched features: controls stand in the picture and in the sentence, published rules below."""

from collections.abc import Callable
from pathlib import Path

import duckdb

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
