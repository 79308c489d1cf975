"""In a real browser: a feature is tried in the model of a finished run, and a name that the run lacks is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

import warehouse
from dashboards.trial import Asked, try_in_model
from tests.builders.browser import NEEDED, TROUBLE, body, open_tab, served, settle

pytestmark = [*NEEDED, pytest.mark.slow]
FREQUENT = """
SELECT run_id, feature
FROM feature
JOIN sae USING (run_id, sae_id)
WHERE sae.layer = 1 AND sae.described
ORDER BY frequency DESC, feature
LIMIT 1
"""


@pytest.fixture(scope="module")
def finished(mini_home: Path) -> Iterator[str]:
    """A dashboard on a run whose model is there."""
    with served(mini_home) as address:
        yield address


def test_a_feature_is_tried_in_the_model(
    page: sync_api.Page, finished: str, mini_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCFM_HOME", str(mini_home))
    with warehouse.open_snapshot(mini_home) as con:
        run_id, number = con.execute(FREQUENT).fetchone()
    feature = f"L1_F{number}"
    page.goto(f"{finished}/interventions")
    settle(page)
    open_tab(page, "Try a feature")
    button = page.get_by_role("button", name="Try it in the model")
    page.get_by_label("Feature", exact=True).fill("L77_F1")
    button.click()
    page.locator(TROUBLE, has_text="names are like").wait_for()
    page.get_by_label("Feature", exact=True).fill(feature)
    button.click()
    page.get_by_text(f"{feature} times 0 in cell").wait_for()
    settle(page)
    found = try_in_model(Asked(run_id, feature, 0.0, None))
    shown = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert shown[-3:] == [f"{one['value']:.3g}" for one in found["cell"]]
    assert f"in cell {found['cell_id']}" in body(page)
    drawn = page.locator("svg.main-svg text").all_text_contents()
    assert found["genes"][0]["symbol"] in drawn
    assert f"L{found['features'][0]['layer']}_F{found['features'][0]['feature']}" in drawn
