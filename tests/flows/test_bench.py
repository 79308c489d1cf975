"""``scfm bench``: its list, its errors, and small forms of the benchmarks; their times decide nothing.

Those that start many processes are slow: what they show is held by tests of its own, in smaller numbers.
"""

import json

import pytest

from dashboards.menu import MENU
from flows.cli.main import main
from tests.builders.browser import CHROMIUM

SMALL = {
    **{name: ["--shape", "small"] for name in ("trace", "map", "patching", "decoder", "steering")},
    "permutations": ["--tests", "20000"],
    "sae": ["--shapes", "1", "--repeats", "1", "--steps", "40"],
    "kill": ["--times", "2"],
    "warehouse": ["--rows", "20000", "--layers", "7", "--features", "40", "--times", "1", "--key-rows", "2000"],
    "readers": ["--rows", "20000", "--idle", "3"],
    "pages": ["--times", "1"],
    "site": ["--layers", "3", "--features", "40", "--rows", "20000", "--times", "1"],
    "extraction": ["--shape", "small", "--cells", "12", "--positions", "16", "--repeats", "1"],
    "disk": ["--cells", "12", "--tokens", "64", "--layers", "3", "--width", "32", "--positions", "16"],
    "cells": ["--cells", "4000", "--genes", "500", "--per-cell", "100", "--n", "50"],
    "describe": ["--features", "96", "--cells", "120", "--positions", "80", "--genes", "600"],
    "controls": ["--cells", "12", "--tokens", "40", "--width", "32", "--features", "32", "--repeats", "1"],
    "slice": ["--shape", "small", "--features", "4", "--cells", "2"],
    "streaming": ["--rows", "20000", "--width", "32", "--steps", "20", "--budget", "0.0003", "--repeats", "1"],
    "domains": ["--edges", "5000", "--domains", "30", "--targets", "50", "--draws", "99"],
    "responses": ["--cells", "4000", "--genes", "300", "--per-cell", "100", "--perturbations", "20"],
    "workers": ["--cells", "6", "--width", "32", "--positions", "400", "--parts", "2"],
    "planted": ["--rare", "2", "--responding", "6", "--seeds", "2", "--sources", "2", "--edges", "3", "--nulls", "12"],
}


def test_alone_it_lists_the_benchmarks(capsys):
    assert main(["bench"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} >= {name.split()[0] for name in SMALL}
    assert all(len(line.split()) > 5 for line in lines)  # each says what it measures


def test_an_unknown_benchmark_is_refused_with_the_names(capsys):
    assert main(["bench", "trac"]) == 2
    error = capsys.readouterr().err
    assert "trac" in error
    assert "permutations" in error
    assert len(error.splitlines()) == 1


def test_without_a_checkout_there_is_nothing_to_measure(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("flows.cli.bench.CHECKOUT", tmp_path)
    assert main(["bench", "sae"]) == 2
    assert "source checkout" in capsys.readouterr().err


@pytest.fixture
def measured(request, tmp_path, capsys, prefect_api, monkeypatch):
    """The figures of a benchmark's small form."""
    name, more = request.param.split()[0], SMALL[request.param]
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    assert main(["bench", name, "--json", str(tmp_path / "figures.json"), *more]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 2
    return json.loads((tmp_path / "figures.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["cells"], indirect=True)
def test_few_cells_are_drawn_from_many(measured):
    assert measured["chosen"] == 50
    assert measured["bytes_read"] > 0


@pytest.mark.parametrize("measured", ["trace"], indirect=True)
def test_the_engine_and_the_published_procedure_find_the_same_effects(measured):
    modes = ["total"] * 2 + ["total, all later layers"] + ["adjacent layer"] * 2 + ["direct, all later layers"]
    assert [row["mode"] for row in measured["rows"]] == modes
    for row in measured["rows"]:
        assert row["difference"] < 1e-4
        assert row["largest"] > 0.01
        assert row["pair_gflop"] < row["slow_pair_gflop"]
    assert measured["pairs"]["adjacent"]["n"] > measured["pairs"]["original"]["n"]
    assert measured["machine"]["cores"] > 0


@pytest.mark.parametrize("measured", ["decoder"], indirect=True)
def test_a_decoder_recomputes_what_a_change_can_reach(measured):
    for row in (measured["all"], measured["timed"]):
        assert 1 < row["positions"] < row["rows"] < measured["shape"]["n_tokens"]
        assert row["gflop"] < row["whole_gflop"]
    assert measured["timed"]["difference"] < 1e-5
    assert measured["timed"]["largest"] > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["map"], indirect=True)
def test_the_map_of_a_layer_is_published_with_its_checks(measured):
    assert measured["checks_failed"] == 0
    assert measured["cells"] == 20
    assert measured["pairs"] > measured["features"] > 50
    assert measured["live_tests"] > 1000
    assert sum(measured["phases"].values()) == pytest.approx(measured["seconds"])


@pytest.mark.parametrize("measured", ["sae"], indirect=True)
def test_the_training_step_is_compared_with_autograd(measured):
    assert measured["machine"]["threads"] > 0
    (row,) = measured["rows"]
    assert row["active_seconds"] > 0
    ours = measured["sides"]["ours"]
    assert 0 < ours["fvu"] < 0.2  # a tenth of the variance is noise
    assert ours["gflop"] == pytest.approx(0.54 + 4 * 0.017, rel=0.05)


@pytest.mark.parametrize("measured", ["extraction"], indirect=True)
def test_extraction_is_held_against_bare_passes_in_both_precisions(measured):
    assert [row["precision"] for row in measured["rows"]] == ["float32", "bf16"]
    assert all(row["ratio_library"] > 0 < row["ratio_blocks"] for row in measured["rows"])


@pytest.mark.parametrize("measured", ["disk"], indirect=True)
def test_extraction_takes_the_disk_that_was_estimated(measured):
    assert measured["kept_positions"] == 12 * 16
    assert measured["full_bytes"] == 12 * 64 * 3 * 32 * 4
    half_precision = measured["kept_positions"] * 3 * 32 * 2
    assert half_precision < measured["bytes"] < half_precision + 20_000  # ledger, index and headers of a few files
    assert half_precision < measured["estimated_bytes"] < 1.2 * half_precision


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["kill"], indirect=True)
def test_killed_runs_end_identical(measured):
    assert len(measured["kills"]) == 2
    for row in measured["kills"]:
        assert row["identical"]
        assert row["readable"]
        assert row["units_lost"] == 0
        assert (row["units_begun_twice"] or 0) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["readers"], indirect=True)
def test_readers_and_the_writer_never_wait_for_each_other(measured):
    assert measured["readers"] == 8
    assert measured["writer_lock_errors"] == measured["reader_errors"] == 0, measured["first_error"]
    assert measured["saw_neither"] == measured["went_back"] == measured["changed_while_open"] == 0
    assert measured["saw_old"] > 0
    assert measured["saw_new"] > 0
    assert measured["loading"]["queries"] > 0


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")
def test_every_page_and_a_search_are_timed(mini_home, tmp_path):
    words = ["--home", str(mini_home), "--json", str(tmp_path / "figures.json"), *SMALL["pages"]]
    assert main(["bench", "pages", *words]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert len(figures["pages"]) == len(MENU)
    assert all(row["largest"] > 0 for row in [*figures["pages"].values(), *figures["searches"].values()])


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["warehouse"], indirect=True)
def test_a_large_run_is_loaded_audited_and_asked_everything(measured):
    """A further run brings its own rows alone."""
    assert 10_000 < measured["rows"] < 40_000
    assert 0 < measured["edges"] < measured["rows"]
    assert measured["checks"] > 500
    assert {"edges calibrated, one source", "measured_pairs one target"} <= set(measured["queries"])
    assert measured["queries"]["edges published, all"]["rows"] > 0
    assert measured["queries"]["direct_and_total all layers"]["rows"] > 0
    plain, shared = measured["plain"], measured["shared_queries"]
    assert shared.keys() == measured["queries"].keys()
    assert shared["measured_pairs one target"]["rows"] > 0
    sorted_table = measured["queries"]["edges calibrated, one source"]
    assert plain["queries"]["edges of one source"]["rows"] == sorted_table["rows"]
    assert plain["key_rows"] == 2000
    for further in measured["further"].values():
        assert 0 < further["new_rows"] < measured["new_rows"] / 2
        assert further["checks"] >= measured["checks"]  # more where it has tables of its own
        assert further["load_edge_stat_s"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("measured", ["describe"], indirect=True)
def test_every_step_of_a_description_is_timed_alone(measured):
    assert [part["seconds"] > 0 and part["peak_gib"] > 0 for part in measured["parts"].values()] == [True] * 7


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="apt-get install chromium")
@pytest.mark.parametrize("measured", ["site"], indirect=True)
def test_a_site_shows_and_finds(measured):
    assert measured["written"]["n_features"] == 120
    assert set(measured["shown"]) == {"first view", "first search, at once", "a search", "a feature"}
    assert all(0 < row["median"] <= row["largest"] for row in measured["shown"].values())
