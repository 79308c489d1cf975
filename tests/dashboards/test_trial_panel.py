"""The panel that tries a feature: an answer beside random directions, a refusal in one line, none in imported runs."""

from pathlib import Path

import pytest

from dashboards import trial
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts

FOUND = {
    "feature": "L1_F3", "multiplier": 0.0, "cell_id": 7, "label": "<b>B cells</b>", "predicts": "genes",
    "n_genes": 115, "n_active": 2, "peak": 1.87,
    "cell": [
        {"readout": "embedding", "value": 0.25, "random": [0.11, 0.12]},
        {"readout": "fit", "value": -0.5, "random": [-0.1, 0.1]},
        {"readout": "divergence", "value": 0.75, "random": [0.01, 0.02]},
    ],
    "genes": [{"symbol": "CD79A", "token": 5, "fit": -1.0, "change": -0.5, "random": 0.1}],
    "features": [{"layer": 2, "feature": 9, "change": 0.3, "random": 0.2}],
}  # fmt: skip


@pytest.fixture
def page(home: Path, open_page: Open):
    """The page once it was opened, as a function that asks for a feature."""
    app = open_page("interventions")

    def ask(feature: str):
        app.text_input(key="trial_feature").set_value(feature)
        next(button for button in app.button if button.label == "Try it in the model").click()
        return app.run()

    return ask


def test_an_answer_stands_beside_random_directions(page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(request: trial.Asked):
        asked.append(request)
        return {**FOUND, "run_id": request.run_id}

    monkeypatch.setattr("dashboards.panels.trial.try_in_model", answer)
    app = page("L1_F3")
    assert not app.exception
    assert (asked[0].feature, asked[0].multiplier, asked[0].cell) == ("L1_F3", 0.0, None)
    assert [metric.value for metric in app.metric if metric.value in ("0.25", "-0.5", "0.75")] == [
        "0.25",
        "-0.5",
        "0.75",
    ]
    said = texts(app)
    assert "random directions: 0.11 to 0.12" in said
    assert "active at 2 of 115 genes" in said
    assert "<b>" not in said.replace("\\<b\\>", "").replace("\\<", "")
    charts = str([chart.proto for chart in app.get("plotly_chart")])
    assert "CD79A" in charts
    assert "L2_F9" in charts


def test_an_empty_box_is_answered(page) -> None:
    app = page("  ")
    assert [error.value for error in app.error] == ["Name a feature by layer and number, such as L2_F17."]


def test_a_refusal_is_one_line(page, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: trial.Asked):
        raise trial.TrialRefused("the folder is not here any more")

    monkeypatch.setattr("dashboards.panels.trial.try_in_model", refuse)
    app = page("L1_F3")
    assert [error.value for error in app.error] == ["the folder is not here any more"]
    assert not app.exception
