"""In a real browser: figures and rows of a panel as files, whose bytes are looked at, and the SQL behind a page."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import polars as pl
from playwright import sync_api

import warehouse
from tests.builders.browser import NEEDED, reach, saved, settle
from tests.dashboards.conftest import sae_of

pytestmark = NEEDED
FEATURE = 3


def test_a_panel_is_taken_away_in_five_forms(page: sync_api.Page, address: str, shown: Path) -> None:
    with warehouse.open_snapshot(shown) as con:
        sae = sae_of(con, 0)
        sql = "SELECT symbol FROM feature_gene WHERE (sae_id, feature) = (?, ?) AND shown ORDER BY rank"
        genes = [gene for (gene,) in con.execute(sql, [sae, FEATURE]).fetchall()]
    page.goto(f"{address}/feature?sae={sae}&feature={FEATURE}")
    settle(page)
    page.get_by_role("button", name="Take away").first.click()
    files = {}
    for form in ("SVG", "PNG", "PDF", "CSV", "PARQUET"):
        name, files[form] = saved(page, page.get_by_role("button", name=form, exact=True).first)
        assert re.fullmatch(rf"[0-9a-f]+_feature_genes_\w+[.]{form.lower()}", name), name
    drawn = "".join(ET.fromstring(files["SVG"]).itertext())
    assert [gene for gene in genes[:3] if gene not in drawn] == []
    assert files["PNG"].startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(files["PNG"][16:20], "big") > 900  # pixels across
    assert files["PDF"].startswith(b"%PDF-")
    assert files["PDF"].rstrip().endswith(b"%%EOF")
    rows = pl.read_parquet(io.BytesIO(files["PARQUET"]))
    assert rows["symbol"].to_list() == genes
    assert pl.read_csv(files["CSV"])["symbol"].to_list() == genes


def test_the_sql_behind_a_page_runs_in_the_editor(page: sync_api.Page, address: str) -> None:
    page.goto(f"{address}/gene?gene=CD79A")
    settle(page)
    page.get_by_text("The SQL behind this page").click()
    link = page.get_by_role("link", name="Open it in the editor")
    link.wait_for()
    shown = page.locator("[data-testid=stExpander] code").inner_text()
    link.click()
    reach(page, "/sql[?].*sql=")
    assert page.locator("textarea").input_value().split() == shown.split()
    page.get_by_role("button", name="Run (Ctrl+Enter)").click()
    page.get_by_role("button", name="Download CSV").wait_for()
    settle(page)
