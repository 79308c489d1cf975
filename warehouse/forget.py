"""Remove a run, and what only it used, from the warehouse and from the disk.

1. Rebuild the warehouse from the records and shards of the other runs; it takes the old one's place by rename.
2. Delete the run's record, then the step folders that no other record names.

Killed before the rename, nothing has changed; killed after it, the same command goes on. Killed between the folders,
the rest is left over, and `scfm status` names it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from warehouse.audit import Notify, ignore_progress
from warehouse.errors import UnknownName
from warehouse.files import writer_lock
from warehouse.home import runs_folder, snapshot_path
from warehouse.publish import remove_leftovers
from warehouse.reading import published_runs
from warehouse.restore import rebuild
from warehouse.run_record import RunRecord, read_records, record_path


@dataclass(frozen=True)
class Forgetting:
    """What forgetting a run removes, and what it leaves since other runs use it."""

    run_id: str
    study: str
    folders: tuple[Path, ...]
    shared: tuple[str, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of the step folders that go."""
        return sum(folder_bytes(folder) for folder in self.folders)


def folder_bytes(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def plan_forgetting(home: Path, run_id: str) -> Forgetting:
    """What would go. Raises UnknownName if no run of that id is on record."""
    wanted, others = _records(home, run_id)
    used = {folder for record in others for folder in record.folders}
    own = tuple(runs_folder(home) / folder for folder in wanted.folders if folder not in used)
    shared = tuple(folder for folder in wanted.folders if folder in used)
    return Forgetting(run_id, str(wanted.run["study"]), own, shared)


def forget_run(home: Path, run_id: str, notify: Notify = ignore_progress) -> Forgetting:
    """Remove a run; ``notify(what, done, total)`` as the other runs are loaded again.

    Raises UnknownName, WarehouseLocked, and DamagedShard if another run can no longer be rebuilt: nothing is removed.
    """
    with writer_lock(home):
        remove_leftovers(home)
        going = plan_forgetting(home, run_id)
        _, others = _records(home, run_id)
        if others:
            rebuild(home, others, published_runs(home) - {run_id}, notify)
        else:
            snapshot_path(home).unlink(missing_ok=True)
        record_path(home, run_id).unlink()
        for folder in going.folders:
            shutil.rmtree(folder, ignore_errors=True)
    return going


def unreferenced(home: Path) -> list[Path]:
    """Step folders that no run on record is made of: work that was not published, or what a forgotten run left."""
    records = read_records(home) if any(runs_folder(home).glob("run-*.json")) else []
    used = {folder for record in records for folder in record.folders}
    return sorted(path for path in runs_folder(home).glob("*-*/") if path.name not in used)


def _records(home: Path, run_id: str) -> tuple[RunRecord, list[RunRecord]]:
    records = {record.run_id: record for record in read_records(home)}
    if run_id not in records:
        known = ", ".join(records)
        raise UnknownName(f"no run {run_id} is on record in {runs_folder(home)}: runs are {known}")
    return records.pop(run_id), list(records.values())
