"""The main flow: every step in order, up to a published snapshot."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow

from flows.activations import activations
from flows.artifacts import RunProgress, step_table
from flows.cells import cells
from flows.combine import combine
from flows.common import StudyLike, prepare
from flows.compare import compare
from flows.describe import describe
from flows.model import model
from flows.plan import STEPS
from flows.publish import publish
from flows.report import announce, conclude
from flows.sae import sae
from flows.study import Study
from flows.trace import trace
from flows.validate import validate

STEP_FLOWS: dict[str, Callable[[Study], list[Path]]] = {
    "cells": cells,
    "model": model,
    "activations": activations,
    "sae": sae,
    "compare": compare,
    "describe": describe,
    "trace": trace,
    "combine": combine,
    "validate": validate,
}


@flow(name="scfm-atlas")
def atlas(study: StudyLike, until: str = STEPS[-1]) -> dict[str, Any] | None:
    """Run a study up to step ``until``. Returns the published run's summary, or None if it stops earlier."""
    started = datetime.now(UTC)
    loaded, plan = prepare(study, STEPS[0])
    progress = RunProgress(plan.run_id)
    for number, (step, run_step) in enumerate(STEP_FLOWS.items(), start=1):
        with announce(number, step):
            folders = run_step(loaded)
        conclude(step, folders)
        step_table(step, folders)
        progress.reached(step)
        if step == until:
            return None
    with announce(len(STEPS), "publish"):
        summary = publish(loaded, started)
    progress.reached("publish")
    return summary
