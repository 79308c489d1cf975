"""Step 6: describe every feature of every autoencoder."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from flows.runner import run_chunks
from tasks.describe.step import describe_sae


@flow(name="scfm-describe")
def describe(study: StudyLike) -> list[Path]:
    """Run the step; returns one folder a layer."""
    loaded, plan = prepare(study, "describe")
    common = {"activations": plan.activations, "cells": plan.cells, "device": plan.device}
    calls = [
        {"settings": loaded.describe, "sae": plan.saes[layer], "folder": path, **common}
        for layer, path in plan.describes.items()
    ]
    return run_chunks(loaded, plan.device, describe_sae, calls)
