"""The tour: each stop opens its page on something that the run has, and leads to the next one."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

import warehouse
from dashboards.tour import STOPS
from tests.dashboards.conftest import Open


def links(app: AppTest) -> dict[str, dict[str, str]]:
    """What the links of a page ask for, by their labels."""
    found = {link.proto.label: parse_qs(link.proto.query_string) for link in app.main.get("page_link")}
    return {label: {name: words[0] for name, words in query.items()} for label, query in found.items()}


def test_the_overview_leads_to_the_first_stop_and_each_stop_to_the_next(home: Path, open_page: Open) -> None:
    app = open_page("overview")
    asked = links(app)[f"New here? A tour of {len(STOPS)} stops"]
    for number, stop in enumerate(STOPS, 1):
        app = open_page(stop.page, **asked)
        assert app.main.markdown[0].value.startswith(f"**Stop {number} of {len(STOPS)}: {stop.title}.**")
        assert not [one for one in app.warning if one.value.startswith("This run has no")]
        assert dict(app.query_params) == asked
        if number < len(STOPS):
            asked = links(app)[f"Next: {STOPS[number].title}"]
            assert asked["tour"] == str(number + 1)
    assert "Next" not in " ".join(links(app))
    assert links(app)["Back"]["tour"] == str(len(STOPS) - 1)
    app = open_page(stop.page, **links(app)["End the tour"])
    assert "tour" not in app.query_params
    assert not app.main.markdown or "Stop" not in app.main.markdown[0].value


def test_the_search_of_the_tour_finds_features_that_the_gene_leads(home: Path, open_page: Open) -> None:
    with warehouse.open_snapshot(home) as con:
        leading = {gene for (gene,) in con.sql("SELECT symbol FROM feature_gene WHERE rank = 1").fetchall()}
    assert "tour" not in open_page("features", tour="1").query_params  # the first stop is another page
    app = open_page("overview", tour="1")
    search = links(app)[f"Next: {STOPS[1].title}"]["search"]
    assert search in leading
    table = open_page("features", search=search).dataframe[0].value
    assert str(table["matched"].iloc[0]).startswith(f"gene {search} at 1")


@pytest.mark.parametrize("word", ["0", "6", "x", "**"])
def test_a_stop_that_is_not_there_is_dropped(word: str, home: Path, open_page: Open) -> None:
    app = open_page("overview", tour=word)
    assert "tour" not in app.query_params
    assert f"New here? A tour of {len(STOPS)} stops" in links(app)
