"""The documents: every command is run, every generated part is as generated, every link leads somewhere."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from flows.cli.main import parser
from flows.documents import DOCUMENTS, PARTS, filled
from tests.builders.atlas_files import make_atlas
from tests.builders.saes import write_dictionaries
from tests.conftest import plain_environment
from tests.flows.test_bench import SMALL as SMALL_BENCHMARKS

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TEXTS = {path.relative_to(ROOT): path.read_text() for path in DOCUMENTS}
EVERY = pytest.mark.parametrize("document", TEXTS, ids=str)
BLOCKS = [block for text in TEXTS.values() for block in re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL)]
COMMANDS = list(dict.fromkeys(line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line))

# Run elsewhere, on a real server and a real worker: tests/flows/test_deployments.py.
ON_A_SERVER = {
    "prefect server start",
    "export PREFECT_API_URL=http://127.0.0.1:4200/api",
    "prefect work-pool create scfm --type process",
    "prefect deploy --all",
    "prefect worker start --pool scfm",
    "prefect deployment run scfm-run/demo",
    "prefect concurrency-limit create gpu 1",
}
IN_A_STORE = {"export SCFM_HOME=s3://my-bucket/atlas", "export SCFM_SCRATCH=/scratch/me"}  # flows/test_shared_study.py
# The browser test itself, which runs with the others: tests/dashboards/test_browser.py.
PICTURES = "SCFM_SCREENSHOTS=tests/dashboards/screenshots SCFM_HOME=scfm-home python -m pytest"
WRITTEN = ("features.h5ad", "edges.json", "scores.csv", "moved.h5ad", "labels.csv", "my-site")  # files and folders
STUDIES = (
    *("demo", "geneformer", "geneformer_l5", "scgpt", "scfoundation", "maxtoki", "knowledge", "which_sae"),
    *("planted", "patching", "batches", "perturbations"),
)
# What stands for things that only a reader has: their cells, their model, minutes of time.
SUBSTITUTES = {
    **{f"flows/studies/{name}.toml": "tests/studies/mini.toml" for name in STUDIES},
    "scfm plant planted": "scfm plant $SCFM_HOME/planted",
    "flows/studies/own_encoder.toml --model": "tests/studies/mini_own.toml --model",
    "flows/studies/own_encoder.toml": "tests/studies/mini.toml",
    # Other cells, another kind of autoencoder: the steps behind are those of every other run.
    "--set cells.path=cells.h5ad": "--set cells.path=tasks/cells/sample/pbmc3k.h5ad --until sae",
    "--set sae.variant=batchtopk": "--set sae.variant=batchtopk --until sae",
    "--set domains.n_draws=4999": "--set domains.n_draws=4999 --only domains",
    "--set combine.drawn=12": "--set combine.drawn=12 --only combine",
    "scfm check --docs DOCS_DIRECTORY": "scfm check",  # tests/flows/test_cli.py writes them
    "cells.h5ad": "tasks/cells/sample/pbmc3k.h5ad",
    "scfm try L3_F171": "scfm try L1_F11",
    **{name: f"$SCFM_HOME/{name}" for name in WRITTEN},
}


def substituted(command: str, substitutes: dict[str, str]) -> str:
    """The command with what stands for a reader's own things."""
    for written, real in substitutes.items():
        command = command.replace(written, real)
    return command


# Lines that come to the same command are run once.
RUN = dict.fromkeys(substituted(line, SUBSTITUTES) for line in COMMANDS if re.match("scfm (?!bench .)", line))


def run(command: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    variables = plain_environment() | {"SCFM_HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}", **more}
    return subprocess.run(
        command,
        shell=True,
        executable="/bin/bash",
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


# The others take longer than a second or two: of them the command line itself is always asked.
SHORT = ("scfm steps", "scfm keys", "scfm status", 'scfm sql "')
LONG = [line if line.startswith(SHORT) else pytest.param(line, marks=pytest.mark.slow) for line in RUN]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("scfm ")])
def test_the_command_line_takes_it(line):
    words = shlex.split(line, comments=True)
    ours = takewhile(lambda word: word not in {"|", "<", ">"}, words[1:])
    assert parser().parse_args([*ours]).command


@pytest.mark.parametrize("command", LONG)
def test_command_works(command, mini_home, tmp_path, prefect_api):
    home = tmp_path / "home"
    shutil.copytree(mini_home, home)
    model = next((mini_home / "runs").glob("model-*")) / "model"
    theirs = {"MODEL_DIRECTORY": str(model), "ATLAS_DIRECTORY": str(tmp_path / "atlas")}
    if "ATLAS_DIRECTORY" in command:
        make_atlas(tmp_path / "atlas")
    if "DICTIONARIES" in command:
        theirs["DICTIONARIES"] = str(write_dictionaries(mini_home, tmp_path / "dictionaries"))
    done = run(substituted(command, theirs), home, PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_make_target_is_what_the_documents_say(command):
    done = subprocess.run(
        [*shlex.split(command), "--dry-run", "--always-make"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    wanted = {
        "make demo": "scfm run flows/studies/demo.toml",
        "make dashboard": "scfm dashboard",
        "make lint": "ruff check",
        "make test": '-m "not slow"',
        "make test-slow": "-m slow",
        "make peers": "tests/peers/peers.lock",
        "make gpu": "tests.benchmarks.gpu",
    }[command]
    assert wanted in done.stdout


def test_benchmarks_are_run_in_small():
    """Each with options that make it small: tests/flows/test_bench.py."""
    measured = {line.split()[2] for line in COMMANDS if line.startswith("scfm bench ")}
    assert {"trace", "map"} < measured <= set(SMALL_BENCHMARKS)


def test_every_command_is_run_somewhere():
    rest = [line for line in COMMANDS if not line.startswith(("scfm", "make", PICTURES)) and line not in IN_A_STORE]
    assert all((ROOT / line.split()[-1]).exists() for line in COMMANDS if line.startswith(PICTURES))
    assert set(rest) <= ON_A_SERVER
    places = ("flows/test_deployments.py", "builders/prefect_server.py")
    run_there = "".join((ROOT / "tests" / place).read_text() for place in places)
    for command in set(rest) - {"export PREFECT_API_URL=http://127.0.0.1:4200/api"}:
        words = [f'"{word}"' for word in shlex.split(command)[1:3]]
        assert all(word in run_there for word in words), command


def test_the_deployment_that_is_started_exists():
    (line,) = (line for line in COMMANDS if line.startswith("prefect deployment run"))
    flow, _, name = line.split()[-1].partition("/")
    assert f'@flow(name="{flow}")' in (ROOT / "flows" / "run.py").read_text()
    assert f"  - name: {name}\n" in (ROOT / "prefect.yaml").read_text()


def test_python_works(mini_home):
    code = next(text for kind, text in BLOCKS if kind == "python")
    done = run(f"{sys.executable} -c {shlex.quote(code + 'print(features.height)')}", mini_home)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


@EVERY
def test_generated_parts_are_as_generated(document):
    assert filled(TEXTS[document]) == TEXTS[document], "run: python -m flows.documents"


def test_every_generated_part_stands_in_one_document():
    for part in PARTS:
        marks = f"<!-- {part} -->\n", f"<!-- /{part} -->"
        marked = [str(name) for name, text in TEXTS.items() if all(mark in text for mark in marks)]
        assert len(marked) == 1, f"{part} is in {marked}"


def anchors(text: str) -> set[str]:
    """What links to headings are called: lower case, without punctuation, with hyphens for spaces."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", prose, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@EVERY
def test_every_link_leads_somewhere(document):
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[document]):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (ROOT / document.parent / path).resolve() if path else ROOT / document
            assert target.exists(), link
            assert not anchor or anchor in anchors(target.read_text()), link


def test_every_document_is_reached_from_the_first():
    linked = set(re.findall(r"\]\(([^)#]+)\)", TEXTS[Path("README.md")]))
    assert {str(name) for name in TEXTS} - {"README.md"} <= linked


def test_the_first_document_is_short():
    assert TEXTS[Path("README.md")].count("\n") <= 220
