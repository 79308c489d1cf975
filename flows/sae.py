"""Step 4: train one sparse autoencoder a layer."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, prepare
from flows.runner import run_chunks
from tasks.sae.step import train_layer


@flow(name="scfm-sae")
def sae(study: StudyLike) -> list[Path]:
    """Run the step; returns one folder a layer."""
    loaded, plan = prepare(study, "sae")
    common = {"activations": plan.activations, "model": plan.model, "cells": plan.cells, "device": plan.device}
    calls = [{"settings": loaded.sae, "layer": layer, "folder": path, **common} for layer, path in plan.saes.items()]
    return run_chunks(loaded, plan.device, train_layer, calls)
