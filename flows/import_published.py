"""Import a published atlas: its files into the tables of our own runs, under a run marked imported."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import RunProgress, step_table
from flows.home import scfm_home
from flows.import_plan import ImportPlan, plan_import
from flows.plan import PUBLISH
from flows.publish import publish_folders
from flows.record import import_record
from flows.report import PUBLISHING, announce
from tasks.atlas.fetch import local_atlas
from tasks.section import Sections
from tasks.step import Inputs, run_unit


@task(name="import atlas", cache_policy=NO_CACHE)
def read_published(plan: ImportPlan) -> Path:
    """Read published files into a step folder; returns it, finished."""
    return run_unit(plan.step, plan.settings, Inputs(Sections({}), {}), plan.folder)


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
    steps = (plan.step.name, PUBLISH)
    progress = RunProgress(plan.run_id, steps)
    with announce(1, len(steps), plan.step.title):
        read_published(plan)
    step_table(plan.step.name, [plan.folder])
    progress.reached(plan.step.name)
    with announce(2, len(steps), PUBLISHING):
        publish_folders(home, import_record(plan, started), [plan.folder])
    progress.reached(PUBLISH)
    return plan.run_id
