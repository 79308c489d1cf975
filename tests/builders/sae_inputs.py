"""What the sae step reads, in small: a random model run over a few cells."""

from dataclasses import dataclass
from pathlib import Path

from tasks.activations.settings import ActivationsSettings
from tasks.activations.step import extract_activations
from tasks.store import StepFolder
from tests.builders.cells import write_cells
from tests.builders.models import random_cells, tiny_geneformer, tiny_vocabulary


@dataclass(frozen=True)
class Inputs:
    """Finished step folders of a small random model (3 layers, width 32) run over 40 cells, every fourth held out."""

    activations: Path
    model: Path
    cells: Path


def make_sae_inputs(root: Path) -> Inputs:
    """Write the folders below ``root``."""
    vocabulary = tiny_vocabulary()
    cells = write_cells(root / "cells-1", random_cells(vocabulary, [20, 30, 40, 25] * 10), vocabulary)
    with StepFolder.create(root / "model-1") as out:
        out.finish(model_dir=str(tiny_geneformer(root / "tiny")))
    settings = ActivationsSettings()
    extract_activations.fn(settings, root / "model-1", cells, root / "activations-1", "cpu")
    return Inputs(root / "activations-1", root / "model-1", cells)
