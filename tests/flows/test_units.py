"""Units at work on threads: each starts when what it reads is done, and the first failure is raised."""

import threading
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from flows import units as module
from flows.units import Units
from tasks.store import ScfmError, StepFolder
from tests.builders.plans import plan


class Log:
    """What began and ended, in order. ``waits``: the last autoencoder is done only when a description has begun."""

    def __init__(self, fails: str | None = None, waits: bool = False) -> None:
        self.lines: list[tuple[str, Path]] = []
        self._fails, self._waits, self._lock = fails, waits, threading.Lock()
        self._described = threading.Event()

    def run_unit(self, step, settings, inputs, folder):
        self._note("begun", folder)
        if step.name == "describe":
            self._described.set()
        if self._waits and step.name == "sae" and inputs.layer == 5:
            assert self._described.wait(120), "no description begins before all autoencoders are done"
        if step.name == self._fails:
            raise ScfmError(f"{step.name} broke")
        with StepFolder.create(folder) as out:
            out.finish()
        self._note("ended", folder)
        return folder

    def _note(self, what: str, folder: Path) -> None:
        with self._lock:
            self.lines.append((what, folder))


@pytest.fixture(autouse=True)
def server(prefect_api):
    with temporary_settings({PREFECT_API_URL: prefect_api, PREFECT_LOGGING_LEVEL: "CRITICAL"}):
        yield


def run(tmp_path, monkeypatch, log: Log, **study: object):
    monkeypatch.setattr(module, "run_unit", log.run_unit)
    made = plan(tmp_path, trace={"source_layers": [2]}, **study)
    with Units(made) as units:
        found = {name: units.folders(name) for name in made.step_names()}
    return made, found


def test_on_threads_a_unit_starts_when_what_it_reads_is_done(tmp_path, monkeypatch):
    log = Log(waits=True)
    made, found = run(tmp_path, monkeypatch, log, workers=3)
    assert [folder for folders in found.values() for folder in folders] == made.folders()
    assert sorted(log.lines) == sorted((what, folder) for what in ("begun", "ended") for folder in made.folders())
    for unit in made.units:
        before = log.lines[: log.lines.index(("begun", unit.folder))]
        assert all(("ended", read) in before for read in unit.reads)


def test_one_worker_goes_in_order(tmp_path, monkeypatch):
    log = Log()
    made, _ = run(tmp_path, monkeypatch, log)
    assert log.lines == [(what, folder) for folder in made.folders() for what in ("begun", "ended")]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_failure_is_raised_and_what_reads_it_never_starts(tmp_path, monkeypatch, workers):
    log = Log(fails="activations")
    with pytest.raises(ScfmError, match="activations broke"):
        run(tmp_path, monkeypatch, log, workers=workers)
    assert {folder.name.split("-")[0] for _, folder in log.lines} == {"cells", "references", "model", "activations"}
