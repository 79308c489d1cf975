"""The planted study in small: files planted, cells of both drawn in equal numbers per donor, some of them traced."""

import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from warehouse import open_snapshot

FULL, SMALL = ROOT / "flows" / "studies" / "planted.toml", ROOT / "tests" / "studies" / "mini_planted.toml"
DONORS = "SELECT value, count(*) FROM cell_obs WHERE key = 'donor' GROUP BY value ORDER BY value"
SOURCES = "SELECT DISTINCT source, value FROM cell JOIN cell_obs USING (run_id, cell_id) WHERE key = 'batch' ORDER BY 1"
AGES = "SELECT count(*), count(number), count(value) FROM cell_obs WHERE key = 'age'"
TRACED = """
    SELECT DISTINCT key, value FROM effect_cell JOIN cell_obs USING (run_id, cell_id)
    WHERE key IN ('donor', 'treated') ORDER BY ALL
"""


def test_the_small_study_is_the_ready_made_one_but_for_sizes():
    full, small = (tomllib.loads(path.read_text()) for path in (FULL, SMALL))
    for key in ("path", "obs", "balance"):
        assert full["cells"][key] == small["cells"][key]
    assert full["trace"]["cells_where"] == small["trace"]["cells_where"]


@pytest.fixture(scope="module")
def planted(scfm, tmp_path_factory) -> Path:
    """A folder with planted files."""
    folder = tmp_path_factory.mktemp("planted")
    done = scfm(folder / "home", "plant", "planted", cwd=folder)
    assert done.status == 0, done.err
    names = ("trajectory", "knock_down", "blood_screen", "batch_a", "batch_b")
    assert done.out.split() == [f"planted/{name}.h5ad" for name in names]
    return folder


@pytest.mark.slow
def test_the_ready_made_study_reads_the_planted_files(scfm, planted):
    done = scfm(planted / "home", "run", str(FULL), "--until", "cells", cwd=planted)
    assert done.status == 0, done.err
    assert "cells 900" in done.out


@pytest.mark.slow
def test_a_whole_run_keeps_donors_and_traces_the_wanted_ones(scfm, planted):
    done = scfm(planted / "home", "run", str(SMALL), cwd=planted)
    assert done.status == 0, done.err
    con = open_snapshot(planted / "home")
    donors = dict(con.execute(DONORS).fetchall())
    assert list(donors) == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert max(donors.values()) == 30
    assert min(donors.values()) >= 28  # a cell or two express too little of the small vocabulary
    assert con.execute(SOURCES).fetchall() == [("batch_a.h5ad", "a"), ("batch_b.h5ad", "b")]
    cells, aged, worded = con.execute(AGES).fetchone()
    assert (cells, aged, worded) == (sum(donors.values()), sum(donors.values()) - donors["d6"], 0)
    assert con.execute(TRACED).fetchall() == [("donor", "d1"), ("donor", "d3"), ("treated", "true")]
