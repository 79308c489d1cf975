"""The architecture: which package may import which, where SQL lives, what stands at the top, how long a file is."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.step import load
from tasks.steps import STEPS
from tests.shared import ROOT
from tests.source_tree import code_lines, committed_files, imported_modules, parse, python_files, sql_texts
from warehouse.contracts.contract import contracts

PACKAGES = ("tasks", "warehouse", "dashboards", "flows")
FORBIDDEN = {
    "tasks": {"warehouse", "dashboards", "flows", "duckdb", "streamlit"},
    "warehouse": {"tasks", "dashboards", "flows", "torch", "prefect", "streamlit"},
    "dashboards": {"tasks", "flows", "torch", "prefect"},
    "flows": {"torch", "numpy", "scipy", "polars", "pandas", "duckdb", "streamlit"},
}
SHARED = "warehouse.contracts"  # what steps and warehouse agree on
BELOW = ("store", "section", "step", "parts", "statistics", "vocabulary")  # rooms below all steps, in order
BESIDE = {"atlas": "cells", "causal": "sae", "interventions": "codes"}  # rooms behind a step, which may import it
TOP = {
    "pyproject.toml",
    "README.md",
    "flows",
    "tasks",
    "warehouse",
    "dashboards",
    "tests",
    "Makefile",
    "LICENSE",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "locks",
    "prefect.yaml",
}
LONGEST_FILE, LONGEST_FUNCTION = 200, 40
# The one query that Python may spell out: printed after a run for the reader to type, run by nobody here.
SHOWN_QUERY = (Path("flows/cli/summary.py"), "SELECT sae_id, feature, top_genes")
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(work|tmp/w|root|Users/\w+|home/\w+)/")
TEXT = {".py", ".sql", ".toml", ".md", ".yaml", ".yml", ".lock", ""}


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_point_one_way(package):
    wrong = [
        f"{path} imports {name}"
        for path in python_files(package)
        for name in sorted(imported_modules(parse(path)))
        if name.split(".")[0] in FORBIDDEN[package] and not name.startswith(SHARED)
    ]
    assert not wrong, "\n".join(wrong)


def import_order() -> list[str]:
    """Packages and modules of tasks in the order in which they may import each other."""
    order = list(BELOW)
    for step in STEPS:
        package = step.work.split(".")[1]
        order += [] if package in order else [package]
        order += [room for room, after in BESIDE.items() if after == step.name]
    order.remove("analyses")  # they stand at the end, and read any other step
    return [*order, "analyses", "steps"]


def test_packages_import_earlier_ones_only():
    place = {name: number for number, name in enumerate(import_order())}
    wrong = []
    for path in python_files("tasks"):
        own = path.parts[1].removesuffix(".py")
        for name in sorted(imported_modules(parse(path))):
            used = name.split(".")
            if used[0] == "tasks" and own not in (used[1], "__init__"):
                wrong += [] if place[used[1]] < place[own] else [f"{path} imports {name}"]
    assert not wrong, "\n".join(wrong)


def test_a_step_reads_steps_before_it_and_imports_what_it_reads():
    names = [step.name for step in STEPS]
    for number, step in enumerate(STEPS):
        assert set(step.reads) <= set(names[:number]), step.name
        assert callable(load(step.work))
        assert set(step.tables) <= set(contracts()), step.name


def test_sql_lives_in_sql_files():
    wrong = [
        f"{path}:{line}: {text[:60]}"
        for path in python_files("warehouse", "dashboards", "flows")
        for line, text in sql_texts(parse(path))
        if not (path == SHOWN_QUERY[0] and text.startswith(SHOWN_QUERY[1]))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("con.execute('SELECT a FROM b')", True),
        ("con.execute(f'select {x}\\nfrom {y}')", True),
        ("TEXT = '  COPY edge TO out'", True),
        ("con.execute(f'ATTACH {path}')", True),
        ("con.execute('CHECKPOINT')", False),
        ("'''SELECT in a docstring FROM here'''", False),
        ("raise E('select a layer')", False),
        ("print('Set what you like')", False),
    ],
)
def test_sql_is_recognised(source, found):
    assert bool(list(sql_texts(ast.parse(source)))) == found


def test_only_what_the_design_lists_stands_at_the_top():
    top = {path.parts[0] for path in committed_files()}
    assert {name for name in top if not name.startswith(".")} <= TOP


def test_files_and_functions_stay_short():
    wrong = []
    for path in python_files(*PACKAGES, "tests"):
        lines = (ROOT / path).read_text().count("\n")
        wrong += [f"{path}: {lines} lines"] if lines > LONGEST_FILE else []
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef) and code_lines(node) > LONGEST_FUNCTION:
                wrong.append(f"{path}: {node.name} has {code_lines(node)} lines")
    assert not wrong, "\n".join(wrong)


def test_no_file_knows_the_machine_it_was_written_on():
    wrong = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in committed_files()
        if path.suffix in TEXT
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff_is_content(words):
    """Style, imports, types on every signature and a docstring on everything public."""
    _run("ruff", *words, ".")


@pytest.mark.slow
def test_mypy_is_content():
    _run("mypy")


def _run(tool: str, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", tool, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
