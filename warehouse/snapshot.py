"""The next snapshot: a private copy of the published one, changed, and moved into its place if all went well.

There is one warehouse file. Nobody ever writes the published one: whatever stops a writer leaves it as it was.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.files import copy_file, move_into_place, remove_database, writer
from warehouse.home import restoring_home, snapshot_path, staging_path, warehouse_folder
from warehouse.schema import bring_up_to_date
from warehouse.scratch import remove_abandoned


@contextmanager
def next_snapshot(home: Path) -> Iterator[Path]:
    """An up-to-date copy of the published file, or an empty warehouse; it is published when the block ends.

    The caller holds the writer's lock. If the block raises, the copy is removed and nothing has changed.
    """
    staging = staging_path(home)
    remove_database(staging)  # left by a process that died: the lock is ours
    try:
        if snapshot_path(home).exists():
            copy_file(snapshot_path(home), staging)
        with writer(staging) as con:
            bring_up_to_date(con)
        yield staging
        move_into_place(staging, snapshot_path(home))
    finally:
        remove_database(staging)


def remove_leftovers(home: Path) -> None:
    """Delete the beginning of a snapshot, an unfinished restore, folders of dead readers: the writer's lock is ours."""
    remove_database(staging_path(home))
    shutil.rmtree(restoring_home(home), ignore_errors=True)
    remove_abandoned(warehouse_folder(home))
