"""The main flow, as a user runs it: every step, real Prefect, a published warehouse; killed, repeated, changed."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from tasks.steps import STEPS
from tasks.store import StepFolder
from tests.builders.atlas_runs import OF_IMPORTS_ALONE
from tests.builders.contract import assert_contract
from tests.conftest import plain_environment
from warehouse import open_snapshot, table_hashes
from warehouse.files import writer_lock

ROOT = Path(__file__).parents[2]
MINI = ROOT / "tests" / "studies" / "mini.toml"
IN_ALL = sum(not step.reads_others for step in STEPS) + 1  # every step but those of several studies; then publishing
NOISE = re.compile(r"Traceback|Warning|ERROR|telemetry|deprecat", re.IGNORECASE)


def test_every_step_is_announced_and_nothing_else_is_on_the_screen(mini_run):
    _, finished = mini_run
    for number in range(1, IN_ALL + 1):
        assert f"[{number}/{IN_ALL}]" in finished.out
    assert not NOISE.search(finished.out + finished.err), finished.err


def test_the_end_says_what_was_made_where_and_what_next(mini_run):
    home, finished = mini_run
    last = "\n".join(finished.out.splitlines()[-6:])
    assert re.search(r"300 cells, [\d,]+ living features in 3 autoencoders, ([\d,]+) of \1 checks passed", last)
    for effect in ("total", "direct"):
        assert re.search(
            rf"{effect} effects: [\d,]+ measured, [\d,]+ specific edges; [\d,]+ by the calibrated rule, ", last
        )
    assert str(home) in last
    assert "make dashboard" in last


def test_every_contracted_table_is_published(mini_home):
    con = open_snapshot(mini_home)
    names = {path.stem for path in (ROOT / "warehouse" / "contracts").glob("*.toml")}
    counts = {name: con.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    empty = {name for name, rows in counts.items() if rows == 0}
    assert empty >= OF_IMPORTS_ALONE
    no_rows_here = {"annotation", "gene_pair", "module_label", "null_draw", "ontology_index", "precision_audit"}
    no_rows_here |= {"feature_tissue", "refused_step"}  # the sample names no tissue
    no_rows_here |= {"transfer_summary", "transfer_edge"}  # no other study: tests/flows/test_transfer_plan.py
    no_rows_here |= {"source_contrast", "paired_gene_pair", "class_contrast"}
    no_rows_here |= {"domain_coverage", "domain_pair", "domain_order"}  # no edge is called: test_edge_steps.py
    no_rows_here |= {"domain_layer", "domain_centrality", "domain_scc", "domain_loop", "domain_link", "novel_pair"}
    no_rows_here |= {"class_circuit", "feature_disease", "disease_test", "disease_circuit"}  # likewise, and few terms
    no_rows_here |= {"consensus_test", "consensus_pair", "disease_consensus"}
    no_rows_here |= {"tail_alternative", "tail_curve"}  # no edge is called, so there is no tail
    no_rows_here |= {"pair_validation"}  # no edge is called: tests/tasks/validate/test_directions.py
    no_rows_here |= {"feature_strength"}  # few genes are named by types of cells: tests/tasks/analyses/test_strength.py
    no_rows_here |= {"label_transfer"}  # all cells are of one file, which stands for the batch
    no_rows_here |= {"combination_ratio", "combination_contrast"}  # no feature has a term, so no set shares one
    assert empty - OF_IMPORTS_ALONE <= no_rows_here


def test_every_table_that_a_step_writes_keeps_its_contract(mini_home):
    frames = defaultdict(list)
    for manifest in mini_home.rglob("manifest.json"):
        folder = StepFolder.open(manifest.parent)
        for table in {shard.table for line in folder.lines.values() for shard in line.shards if shard.table}:
            frames[table].append(folder.read_table(table))
    assert len(frames) > 20
    for table, parts in frames.items():
        assert_contract(pl.concat(parts), table)


def test_again_finds_everything_done(mini_run, scfm):
    home, first = mini_run
    again = scfm(home, "run", str(MINI))
    assert again.status == 0, again.err
    assert "everything was done before" in again.out
    assert again.out.splitlines()[-5:] == first.out.splitlines()[-5:]


@pytest.mark.slow
def test_two_homes_hold_identical_tables(mini_home, tmp_path, scfm, prefect_api):
    """Killed with SIGKILL at random moments, then run to the end: the tables are those of an undisturbed run."""
    home = tmp_path / "home"
    chance = random.Random(0)
    command = [str(Path(sys.executable).parent / "scfm"), "run", str(MINI)]
    environment = plain_environment() | {"PREFECT_API_URL": prefect_api}
    for _ in range(2):
        process = subprocess.Popen(
            command,
            env=environment | {"SCFM_HOME": str(home)},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=chance.uniform(8, 18))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    last = scfm(home, "run", str(MINI))
    assert last.status == 0, last.err
    assert table_hashes(home) == table_hashes(mini_home)


@pytest.mark.slow
def test_interrupted_politely_says_how_to_continue(tmp_path):
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "scfm"), "run", str(MINI)],
        env=os.environ | {"SCFM_HOME": str(tmp_path)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while f"[1/{IN_ALL}]" not in (process.stdout.readline() if process.stdout else ""):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "run the same command again to continue" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_second_run_of_the_same_study_is_refused_while_the_first_writes(mini_home, tmp_path, scfm):
    from tasks.store import StepFolder

    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    folder = next((home / "runs").glob("validate-*"))
    shutil.rmtree(folder)
    with StepFolder.create(folder):
        second = scfm(home, "run", str(MINI))
    assert second.status == 1
    assert "another run is writing" in second.err
    assert "Traceback" not in second.err


@pytest.mark.slow
def test_damaged_shard_is_made_anew(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    shard = next((home / "runs").glob("describe-*/tables/feature/*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-20])
    again = scfm(home, "run", str(MINI))
    assert again.status == 0, again.err
    assert table_hashes(home) == table_hashes(mini_home)


@pytest.mark.slow
def test_changed_setting_makes_a_second_run_beside_the_first(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    changed = scfm(home, "run", str(MINI), "--set", "validate.n_null=120")
    assert changed.status == 0, changed.err
    runs = open_snapshot(home).execute("SELECT run_id, count(*) FROM edge_stat GROUP BY ALL").fetchall()
    assert len(runs) == 2
    assert runs[0][1] == runs[1][1]


@pytest.mark.slow
def test_warehouse_locked_by_another_process_is_one_line(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    with writer_lock(home):
        refused = scfm(home, "run", str(MINI), "--set", "validate.n_null=121")
    assert refused.status == 1
    assert f"is in use by process {os.getpid()}" in refused.err.strip().splitlines()[-1]
    assert "Traceback" not in refused.err


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_tables(mini_home, tmp_path, scfm):
    """Scale-out by two settings of the study: one step anew, on a Dask cluster of two workers."""
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    for folder in [*(home / "runs").glob("describe-*"), home / "warehouse"]:
        shutil.rmtree(folder)
    done = scfm(home, "run", str(MINI), "--set", "runner=dask", "--set", "workers=2")
    assert done.status == 0, done.err
    ours, theirs = table_hashes(home), table_hashes(mini_home)
    assert {name for name in ours if ours[name] != theirs[name]} == {"run"}  # it holds the settings
