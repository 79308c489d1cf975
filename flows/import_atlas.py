"""Import a published atlas: its files into the tables of our own runs, under a run marked imported."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from flows.artifacts import RunProgress, step_table
from flows.home import scfm_home
from flows.import_plan import plan_import
from flows.publish import publish_folders
from flows.record import import_record
from flows.report import announce
from tasks.atlas.fetch import local_atlas
from tasks.atlas.step import import_atlas

STEPS = ("atlas", "publish")


@flow(name="scfm-import-atlas")
def import_published(source: str, fetched: Path | None = None) -> str:
    """Import the atlas in a directory or at a URL, or what was ``fetched`` from there; returns the run's id."""
    started = datetime.now(UTC)
    if fetched is not None:
        return _import(fetched, source, started)
    with local_atlas(source, scfm_home()) as files:
        return _import(files, source, started)


def _import(files: Path, source: str, started: datetime) -> str:
    home = scfm_home()
    plan = plan_import(files, source, home)
    progress = RunProgress(plan.run_id, STEPS)
    with announce(1, "atlas", STEPS):
        import_atlas(files, plan.folder)
    step_table("atlas", [plan.folder])
    progress.reached("atlas")
    with announce(2, "publish", STEPS):
        publish_folders(home, import_record(plan, started), [plan.folder])
    progress.reached("publish")
    return plan.run_id
