"""The command line: one clear line and the right exit status for everything people get wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import anndata
import duckdb
import numpy as np
import polars as pl
import pytest

from flows.planning import make_plan
from flows.study import load_study
from tests.builders.thinned import thinned

ROOT = Path(__file__).parents[2]
MINI = str(ROOT / "tests" / "studies" / "mini.toml")


def last_line(finished) -> str:
    assert "Traceback" not in finished.err
    return finished.err.strip().splitlines()[-1]


def log_normalised(path: Path) -> Path:
    counts = np.random.default_rng(0).poisson(1.0, (30, 50)).astype(np.float32)
    data = anndata.AnnData(np.log1p(counts / counts.sum(1, keepdims=True) * 1e4))
    data.var_names = [f"ENSG{number:011d}" for number in range(50)]
    data.write_h5ad(path)
    return path


@pytest.mark.parametrize(
    ("words", "message"),
    thinned(
        [
            (["run", "nowhere.toml"], "no study at nowhere.toml"),
            (["run", MINI, "--set", "cells.paht=x"], "did you mean path?"),
            (["run", MINI, "--set", "cells.path=nowhere.h5ad"], "no file at nowhere.h5ad"),
            (["run", MINI, "--set", "sae.layers=[9]"], "no layer 9"),
            (["run", MINI, "--until", "the_end"], "no such step"),
            (["run", MINI, "--set", "model.path=nowhere"], "no directory at nowhere"),
            (["run", MINI, "--set", 'cells.where={cell_type="Neurons"}', "--until", "cells"], "Neurons"),
        ],
        3,
    ),
)
def test_wrong_request_is_status_2_and_one_line(tmp_path, scfm, words, message):
    finished = scfm(tmp_path, *words)
    assert finished.status == 2, finished.err
    assert message in last_line(finished)


@pytest.mark.slow
def test_log_normalised_cells_are_status_2(tmp_path, scfm):
    path = log_normalised(tmp_path / "cells.h5ad")
    finished = scfm(tmp_path, "run", MINI, "--set", f"cells.path={path}", "--until", "cells")
    assert finished.status == 2, finished.err
    assert "log-normalised" in last_line(finished)


def test_model_directory_without_weights_is_status_2(tmp_path, scfm):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(
        json.dumps({"model_type": "bert", "num_hidden_layers": 3, "vocab_size": 9, "max_position_embeddings": 9})
    )
    finished = scfm(tmp_path, "run", MINI, "--set", f"model.path={tmp_path / 'model'}")
    assert finished.status == 2, finished.err
    assert "lacks" in last_line(finished)


def test_no_warehouse_says_what_to_do(tmp_path, scfm):
    for words in (["sql", "SELECT 1"], ["check"], ["dashboard", "--headless"]):
        finished = scfm(tmp_path, *words)
        assert finished.status == 2
        assert "make demo" in last_line(finished)


def test_sql_in_every_format(mini_home, tmp_path, scfm):
    query = "SELECT label, count(*) AS n FROM cell WHERE chosen GROUP BY label ORDER BY label"
    table = scfm(mini_home, "sql", query)
    csv = scfm(mini_home, "sql", query, "--format", "csv")
    rows = json.loads(scfm(mini_home, "sql", query, "--format", "json").out)
    assert sum(row["n"] for row in rows) == 300
    assert pl.read_csv(csv.out.encode())["n"].to_list() == [row["n"] for row in rows]
    assert all(row["label"] in table.out for row in rows)


def test_wrong_sql_is_status_2_and_one_line(mini_home, scfm):
    finished = scfm(mini_home, "sql", "SELECT nothing FROM nowhere")
    assert finished.status == 2
    assert "nowhere" in last_line(finished)


def test_the_command_starts_without_what_only_a_run_needs():
    heavy = "{'torch', 'prefect', 'great_expectations', 'streamlit'} & set(sys.modules)"
    code = f"import sys, flows.cli.main; sys.exit(', '.join({heavy}) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_check_passes_on_what_was_published(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    finished = scfm(home, "check", "--docs", str(tmp_path / "docs"))
    assert finished.status == 0, finished.out + finished.err
    assert "checks passed" in finished.out
    assert f"data docs: {tmp_path / 'docs' / 'index.html'}" in finished.out
    assert "-edge_stat.html" in (tmp_path / "docs" / "index.html").read_text()


def test_check_names_what_is_wrong_with_status_3(mini_home, tmp_path, scfm):
    home = tmp_path / "home"
    shutil.copytree(mini_home / "warehouse", home / "warehouse")
    with duckdb.connect(str(home / "warehouse" / "snapshot.duckdb")) as con:
        con.execute("UPDATE stored.feature SET frequency = 2 WHERE feature = 3")
    finished = scfm(home, "check")
    assert finished.status == 3
    assert "FAILED feature: " in finished.out
    assert "frequency" in finished.out


def test_status_lists_steps_and_snapshot(mini_home, scfm):
    finished = scfm(mini_home, "status")
    assert finished.status == 0
    assert finished.out.count("done,") == len(make_plan(load_study(Path(MINI)), mini_home).units)
    assert "snapshot.duckdb" in finished.out


@pytest.mark.slow
def test_doctor_knows_machine_and_model(mini_home, scfm):
    model = next((mini_home / "runs").glob("model-*")) / "model"
    finished = scfm(mini_home, "doctor", "--model", str(model))
    assert finished.status == 0, finished.err
    assert "3 layers, width 32" in finished.out
    assert scfm(mini_home, "doctor", "--model", str(mini_home)).status == 2


@pytest.mark.slow
def test_full_disk_is_status_1_and_one_line(tmp_path, scfm):
    """A file system of two megabytes stands for a full disk; needs the right to mount one."""
    import subprocess

    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small tmpfs needs root: sudo make test")
    try:
        finished = scfm(disk, "run", MINI, PREFECT_HOME=str(tmp_path / "prefect"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert finished.status == 1, finished.err
    assert "disk full" in last_line(finished) or "free" in last_line(finished)


def test_export_writes_what_its_name_says(mini_home, tmp_path, scfm):
    done = scfm(mini_home, "export", str(tmp_path / "features.h5ad"))
    assert done.status == 0, done.err
    assert (tmp_path / "features.h5ad").exists()
    assert "features and" in done.out
    refused = scfm(mini_home, "export", str(tmp_path / "features.xls"))
    assert refused.status == 2
    assert "name a file that ends in" in refused.err
