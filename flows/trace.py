"""Step 7: ablate every living feature of the source layers and measure what changes downstream."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from flows.runner import run_chunks
from tasks.trace.step import trace_layer


@flow(name="scfm-trace")
def trace(study: StudyLike) -> list[Path]:
    """Run the step; returns one folder a source layer."""
    loaded, plan = prepare(study, "trace")
    common = {"model": plan.model, "cells": plan.cells, "device": plan.device}
    calls = [
        {"settings": loaded.trace, "layer": layer, "saes": plan.saes_traced(layer), "folder": path, **common}
        for layer, path in plan.traces.items()
    ]
    return run_chunks(loaded, plan.device, trace_layer, calls)
