"""Step 8: change several features at once, and hold what they do together against what each does alone."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from flows.runner import run_chunks
from tasks.combine.step import combine_features


@flow(name="scfm-combine")
def combine(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder, or none if the study combines nothing."""
    loaded, plan = prepare(study, "combine")
    read = {"saes": plan.saes, "model": plan.model, "cells": plan.cells, "device": plan.device}
    calls = [{"settings": loaded.combine, "folder": folder, **read} for folder in plan.combination]
    return run_chunks(loaded, plan.device, combine_features, calls)
