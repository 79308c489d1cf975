"""A trace that is killed, stopped, starved of space or damaged ends, once run again, with the same bytes."""

import os
import random
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from tasks.store import OutOfSpace, StepFolder, content_key
from tests.builders.disturbed_runs import TraceRun, contents
from tests.tasks.trace.conftest import SETTINGS

BOTH = SETTINGS.model_copy(update={"effects": ["total", "direct"], "cell_block": 4})


@pytest.fixture(scope="module")
def whole(folders, tmp_path_factory) -> TraceRun:
    """An undisturbed run; its folder is only read."""
    run = TraceRun(BOTH, 1, folders, tmp_path_factory.mktemp("whole") / "trace-1")
    assert run.complete() == 0, run.printed
    return run


@pytest.fixture
def run(folders, tmp_path) -> TraceRun:
    return TraceRun(BOTH, 1, folders, tmp_path / "trace-1")


def assert_same(run, whole):
    """Same files with same bytes, no others, and a manifest that says the same."""
    assert contents(run.folder) == contents(whole.folder)
    assert StepFolder.open(run.folder).info == StepFolder.open(whole.folder).info


def assert_all_but_one_kept(run, whole, before):
    """Ledger lines of an earlier time still stand, and at most one unit was begun twice."""
    after = StepFolder(run.folder).lines
    assert {name: after[name] for name in before} == before
    assert len(run.begun) <= len(whole.begun) + 1


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3, 4))])
def test_killed_at_a_random_moment(run, whole, seed):
    chance = random.Random(seed)
    process = run.start_until(n_begun=1 + int(len(whole.begun) * (seed + chance.random()) / 5))
    time.sleep(chance.uniform(0, 0.02))
    process.kill()
    process.join()
    before = StepFolder(run.folder).lines
    assert run.complete() == 0, run.printed
    assert_same(run, whole)
    assert_all_but_one_kept(run, whole, before)


@pytest.mark.slow
def test_killed_again_and_again(run, whole):
    """Every process gets a few units further."""
    processes = 0
    while not StepFolder(run.folder).done:
        process = run.start_until(len(run.begun) + 7)
        process.kill()
        process.join()
        processes += 1
    assert processes > len(whole.begun) / 8
    assert run.complete() == 0, run.printed
    assert_same(run, whole)


def test_stopped_politely(run, whole):
    process = run.start_until(len(whole.begun) // 2)
    process.terminate()
    process.join()
    assert process.exitcode == 130
    assert not run.printed
    assert not [path for path in contents(run.folder) if path.endswith(".tmp")]
    before = StepFolder(run.folder).lines
    assert run.complete() == 0, run.printed
    assert_same(run, whole)
    assert_all_but_one_kept(run, whole, before)


@pytest.mark.parametrize("n_writes", [0, 2, 61, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 30, 90))])
def test_full_disk_at_any_write(run, whole, monkeypatch, n_writes):
    done, fsync = [], os.fsync

    def fill_up(handle):
        if len(done) == n_writes:
            raise OSError(28, "No space left on device")
        done.append(handle)
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fill_up)
        with pytest.raises(OutOfSpace, match="free some space and run the same command again"):
            run.call()
    before = StepFolder(run.folder).lines
    run.call()
    assert_same(run, whole)
    assert_all_but_one_kept(run, whole, before)


def test_full_disk_that_is_one(run, whole):
    """A file system that holds half of the files; needs the right to mount one."""
    disk = run.folder.parent / "disk"
    disk.mkdir()
    pages = sum(-(-(whole.folder / path).stat().st_size // 4096) for path in contents(whole.folder))
    words = ["mount", "-t", "tmpfs", "-o", f"size={pages // 2 * 4}k", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root: sudo make test")
    try:
        full = replace(run, folder=disk / "trace-1")
        with pytest.raises(OutOfSpace, match="free some space and run the same command again"):
            full.call()
        before = StepFolder(full.folder).lines
        assert before
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        full.call()
        assert_same(full, whole)
        assert_all_but_one_kept(full, whole, before)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_damage_to_any_kind_of_shard(run, whole):
    """One shard of every directory, truncated or one bit of it flipped: its unit is made anew, no other."""
    run.call()
    chance = random.Random(1)
    for path in sorted({os.path.dirname(path): path for path in contents(run.folder)}.values()):
        for damage in (truncate, flip):
            before = len(run.begun)
            damage(run.folder / path, chance)
            run.call()
            assert_same(run, whole)
            assert len(run.begun) == before + 1, path


@pytest.mark.parametrize("name", ["ledger.jsonl", "manifest.json"])
def test_damage_to_the_books(run, whole, name):
    run.call()
    chance = random.Random(2)
    for _ in range(4):
        before = len(run.begun)
        flip(run.folder / name, chance)
        assert not StepFolder(run.folder).done
        run.call()
        assert_same(run, whole)
        assert len(run.begun) <= before + 2  # a newline of the ledger parts two lines
    truncate(run.folder / name, chance)
    assert not StepFolder(run.folder).done
    run.call()
    assert_same(run, whole)


def truncate(path, chance):
    os.truncate(path, chance.randrange(path.stat().st_size))


def flip(path, chance):
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


@pytest.mark.slow
def test_another_setting_takes_nothing_over(run, whole, tmp_path):
    """Folders bear the key of the settings: a run under others neither uses nor touches what a killed run left."""
    changed = BOTH.model_copy(update={"seed": 4})
    one, other, undisturbed = (
        replace(run, settings=settings, folder=tmp_path / place / f"trace-{content_key(settings.model_dump())}")
        for settings, place in ((BOTH, "shared"), (changed, "shared"), (changed, "apart"))
    )
    process = one.start_until(len(whole.begun) // 2)
    process.kill()
    process.join()
    left = contents(one.folder)
    other.call()
    undisturbed.call()
    assert_same(other, undisturbed)
    assert contents(other.folder) != contents(whole.folder)
    assert contents(one.folder) == left
    one.call()
    assert_same(one, whole)


def test_the_second_of_two_at_once_is_refused(run, whole):
    first = run.start_until(3)
    os.kill(first.pid, signal.SIGSTOP)
    assert run.complete() == 1
    os.kill(first.pid, signal.SIGCONT)
    first.join()
    assert first.exitcode == 0
    (line,) = run.printed.splitlines()
    assert "another run is writing" in line
    assert run.begun == whole.begun
    assert_same(run, whole)
