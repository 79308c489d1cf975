"""Import a published atlas: its files into the tables of our own runs, under a run marked imported."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task

from flows.artifacts import RunProgress, step_table
from flows.home import scfm_home
from flows.import_plan import plan_import
from flows.plan import PUBLISH
from flows.publish import publish_folders
from flows.record import import_record
from flows.report import PUBLISHING, announce
from tasks.atlas.fetch import local_atlas
from tasks.atlas.settings import AtlasSettings
from tasks.atlas.step import STEP
from tasks.section import Sections
from tasks.step import Inputs, run_unit

STEPS = (STEP.name, PUBLISH)


@task(name="import atlas")
def read_atlas(settings: AtlasSettings, folder: Path) -> Path:
    """Read an atlas into a step folder; returns it, finished."""
    return run_unit(STEP, settings, Inputs(Sections({}), {}), folder)


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
    with announce(1, len(STEPS), STEP.title):
        read_atlas(AtlasSettings(source=files), plan.folder)
    step_table(STEP.name, [plan.folder])
    progress.reached(STEP.name)
    with announce(2, len(STEPS), PUBLISHING):
        publish_folders(home, import_record(plan, started), [plan.folder])
    progress.reached(PUBLISH)
    return plan.run_id
