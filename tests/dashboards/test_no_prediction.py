"""A run of a model that predicts nothing: losses are empty, they pass the checks, and the pages say so."""

from pathlib import Path

import polars as pl
import pytest

import warehouse
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import Open
from tests.warehouse.shards import rewrite_table

SCORES = ("heldout_loss", "heldout_top1", "baseline_loss", "baseline_top1")
LOSSES = ("loss_clean", "loss_spliced", "loss_ablated", "loss_recovered")


@pytest.fixture(scope="module")
def unpredicting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one run whose model predicts nothing."""
    home = tmp_path_factory.mktemp("home")
    run, folders = make_study(home / "runs", n_features=12, layers=(0, 1))
    for table, columns in (("model", SCORES), ("sae", LOSSES)):
        empty = [pl.lit(None, pl.Float64).alias(name) for name in columns]
        rewrite_table(folders, table, lambda frame, empty=empty: frame.with_columns(empty))
    warehouse.publish_run(home, run, folders)
    return home


@pytest.mark.parametrize("page", ["overview", "runs"])
def test_pages_of_a_model_that_predicts_nothing(
    unpredicting: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open, page: str
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(unpredicting))
    app = open_page(page)
    assert not app.exception
    assert not app.error
    said = any("The model predicts nothing here" in element.value for element in app.info)
    assert said == (page == "overview")
    if page == "overview":
        titles = str([chart.proto for chart in app.get("plotly_chart")])
        assert "Cell embeddings kept" in titles
        assert "Loss recovered" not in titles
