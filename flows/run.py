"""The flow that runs a study: every unit as one task, then the published snapshot."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow

from flows.artifacts import RunProgress, step_table
from flows.home import scfm_home
from flows.plan import PUBLISH
from flows.planning import make_plan
from flows.publish import publish
from flows.report import PUBLISHING, announce, conclude
from flows.study import Study, load_study
from flows.time_left import time_left
from flows.units import Units
from tasks.steps import step_named


@flow(name="scfm-run")
def run(study: dict[str, Any] | str, until: str = PUBLISH, only: Sequence[str] = ()) -> dict[str, Any] | None:
    """Run a study, given by its sections or by the path of its file.

    ``until``: stop after this step; ``only``: these steps and all that they read. Returns the published run's summary,
    or None if it stops earlier.
    """
    started = datetime.now(UTC)
    loaded = load_study(Path(study)) if isinstance(study, str) else Study.model_validate(study)
    whole = make_plan(loaded, scfm_home()).only(only)
    plan = whole.until(until)
    steps, in_all = plan.step_names(), len(whole.step_names()) + 1  # publishing is the last
    progress, left = RunProgress(plan.run_id, [*steps, PUBLISH]), time_left(plan, until)
    with Units(plan) as units:
        for number, name in enumerate(steps, start=1):
            step, begun = step_named(name), time.monotonic()
            with announce(number, in_all, step.title, left.words()):
                folders = units.folders(name)
            left.reached(name, time.monotonic() - begun)
            conclude(step, folders)
            step_table(name, folders)
            progress.reached(name)
    if until != PUBLISH:
        return None
    with announce(in_all, in_all, PUBLISHING, left.words()):
        summary = publish(plan, started)
    progress.reached(PUBLISH)
    return summary
