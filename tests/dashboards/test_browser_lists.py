"""In a real browser: a person names a feature, keeps it in a list, annotates, exports, deletes and imports the list."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright import sync_api

from tests.builders.browser import NEEDED, body, reach, saved, served, settle
from tests.dashboards.conftest import writable_copy

pytestmark = NEEDED
LABEL, NOTE, LIST = "Cytotoxic <b>granules</b>", "seen in *every* donor", "For the talk"


@pytest.fixture(scope="module")
def own(shown: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard whose labels and lists may be changed."""
    home = tmp_path_factory.mktemp("lists") / "home"
    writable_copy(shown, home)
    with served(home) as address:
        yield address


def say(page: sync_api.Page) -> None:
    """Label the feature that is shown, with a note, and put it into a new list."""
    page.get_by_role("button", name="Say what this feature is").click()
    page.get_by_label("Your label").fill(LABEL)
    page.get_by_label("Note").fill(NOTE)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Save label").click()
    page.get_by_text(f"{LABEL}, says Ada").first.wait_for()
    settle(page)
    if not page.get_by_label("Why").is_visible():
        page.get_by_role("button", name="Say what this feature is").click()
    box = page.get_by_role("combobox", name="Put it into the list")
    box.click()
    box.fill(LIST)
    box.press("Enter")
    page.get_by_label("Why").fill("best of all")
    page.get_by_label("Why").press("Tab")
    page.get_by_role("button", name="Add to list").click()
    page.get_by_role("link", name=f"In the list {LIST}").wait_for()
    settle(page)


def test_a_label_and_a_list_go_out_and_come_back(page: sync_api.Page, own: str, tmp_path: Path) -> None:
    page.goto(f"{own}/feature?feature=3")
    settle(page)
    say(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name=f"In the list {LIST}").click()
    reach(page, "/lists[?].*list=For")
    page.get_by_role("heading", name=f"{LIST}: 1 feature").wait_for()
    page.get_by_role("heading", name="1 label", exact=True).wait_for()
    name, rows = saved(page, page.get_by_role("button", name="Download CSV").first)
    assert name == "for_the_talk.csv"
    kept = pl.read_csv(rows)
    assert kept.select("list_name", "feature", "note").rows() == [(LIST, 3, "best of all")]
    name, everything = saved(page, page.get_by_role("button", name="Download JSON").last)
    assert {row["label"] for row in json.loads(everything) if row["label"]} == {LABEL}
    page.get_by_text("Change this list").click()
    page.get_by_text("Delete the whole list").click()
    page.locator("button:enabled", has_text="Delete").click()
    page.get_by_text("List deleted").wait_for()
    page.get_by_role("heading", name=f"{LIST}: 1 feature").wait_for(state="detached")
    settle(page)
    page.get_by_text("Import labels and lists").click()
    (tmp_path / name).write_bytes(everything)
    page.locator("input[type=file]").set_input_files(tmp_path / name)
    page.locator("button:enabled", has_text="Import").last.click()
    page.get_by_text("1 rows taken, 1 said already").wait_for()
    page.goto(f"{own}/lists?list={LIST}")
    settle(page)
    page.get_by_role("heading", name=f"{LIST}: 1 feature").wait_for()


@pytest.mark.slow
def test_an_address_of_features_becomes_a_list_that_is_renamed(page: sync_api.Page, own: str) -> None:
    page.goto(f"{own}/lists?features=L0_F3,L1_F6,L9_F1")
    settle(page)
    assert "This run has no feature L9_F1" in body(page)
    page.get_by_label("Keep them as a list called").fill("Two of them")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("heading", name="Two of them: 2 features").wait_for()
    settle(page)
    page.get_by_text("Change this list").click()
    page.get_by_label("Another name").fill("Both")
    page.get_by_label("Another name").press("Enter")
    page.locator("button:enabled", has_text="Rename").click()
    page.get_by_role("heading", name="Both: 2 features").wait_for()
    settle(page)
    assert "features=L0_F3,L1_F6" in page.locator("[data-testid=stCode]").first.inner_text()
