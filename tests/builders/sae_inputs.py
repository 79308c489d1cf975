"""What the sae step reads, in small: a random model run over a few cells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.activations.settings import ActivationsSettings
from tasks.store import StepFolder
from tests.builders.cells import write_cells
from tests.builders.models import random_cells, tiny_geneformer, tiny_vocabulary
from tests.builders.steps import do_step


@dataclass(frozen=True)
class Inputs:
    """Finished step folders of a small random model (3 layers, width 32) run over 40 cells, every fourth held out."""

    activations: Path
    model: Path
    cells: Path

    @property
    def reads(self) -> dict[str, Any]:
        """The folders by step."""
        return {"activations": self.activations, "model": self.model, "cells": self.cells}


def make_sae_inputs(root: Path) -> Inputs:
    """Write the folders below ``root``."""
    vocabulary = tiny_vocabulary()
    cells = write_cells(root / "cells-1", random_cells(vocabulary, [20, 30, 40, 25] * 10), vocabulary)
    with StepFolder.create(root / "model-1") as out:
        out.finish(model_dir=str(tiny_geneformer(root / "tiny")))
    settings = ActivationsSettings()
    do_step("activations", settings, root / "activations-1", model=root / "model-1", cells=cells)
    return Inputs(root / "activations-1", root / "model-1", cells)
