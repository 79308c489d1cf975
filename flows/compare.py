"""Step 5: train other autoencoders of the same activations, to compare with those the study goes on with."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from flows.runner import run_chunks
from tasks.compare.settings import Comparison
from tasks.compare.step import compare_layer


@flow(name="scfm-compare")
def compare(study: StudyLike) -> list[Path]:
    """Run the step; returns one folder a layer, or none if the study compares nothing."""
    loaded, plan = prepare(study, "compare")
    read = {"activations": plan.activations, "model": plan.model, "cells": plan.cells, "device": plan.device}
    comparison = Comparison(lists=loaded.compare, common=loaded.sae)
    calls = [
        {"comparison": comparison, "sae": plan.saes[layer], "folder": folder, **read}
        for layer, folder in plan.comparisons.items()
    ]
    return run_chunks(loaded, plan.device, compare_layer, calls)
