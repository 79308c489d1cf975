"""What a worker process must have in common with the run: other code, unseen folders and another place are refused."""

import os
import shutil
from pathlib import Path

import pytest

from flows import worksite
from flows.worksite import CODE, Worksite
from tasks.store import ScfmError


@pytest.fixture
def site(tmp_path, monkeypatch) -> Worksite:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    return Worksite(tmp_path, tmp_path / "runs")


def enter(site: Worksite) -> None:
    with site.entered():
        pass


def test_a_worker_stands_where_the_run_was_started(site, tmp_path_factory):
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    with site.entered():
        assert Path.cwd() == site.place


def test_other_code_is_refused(site):
    with pytest.raises(ScfmError, match="runs other code or other libraries than this run: install the same versions"):
        enter(Worksite(site.place, site.results, "another"))


@pytest.mark.parametrize("unseen", ["place", "results"])
def test_folders_that_a_worker_does_not_see_are_refused(site, unseen, tmp_path):
    there = {"place": site.place, "results": site.results, unseen: tmp_path / "nowhere"}
    with pytest.raises(ScfmError, match=r"does not see .*nowhere: put it on storage that all workers share"):
        enter(Worksite(**there))


def test_two_runs_started_in_different_folders_do_not_share_a_worker_at_once(site, tmp_path_factory):
    other = Worksite(tmp_path_factory.mktemp("elsewhere"), site.results)
    with site.entered():
        with pytest.raises(ScfmError, match="started in another folder: start workers with one thread each"):
            enter(other)
        enter(site)
    enter(other)


def test_the_fingerprint_follows_code_and_libraries(tmp_path, monkeypatch):
    for name in worksite.PACKAGES:
        shutil.copytree(worksite.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(worksite, "ROOT", tmp_path)
    assert worksite._fingerprint() == CODE
    changed = tmp_path / "tasks" / "step.py"
    changed.write_text(changed.read_text() + "\n")
    assert worksite._fingerprint() != CODE
    changed.write_text(changed.read_text()[:-1])
    assert worksite._fingerprint() == CODE
    monkeypatch.setattr(worksite, "version", lambda name: "0")
    assert worksite._fingerprint() != CODE
