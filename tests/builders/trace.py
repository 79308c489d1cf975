"""Everything a trace reads, as finished step folders: a random model, autoencoders on its layers, random cells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.models import Vocabulary, load_adapter
from tasks.store import StepFolder
from tasks.vocabulary.directory import load_vocabulary, model_directory
from tests.builders.cells import write_cells
from tests.builders.models import random_cells, tiny_geneformer
from tests.builders.saes import random_sae


@dataclass(frozen=True)
class TraceFolders:
    """Step folders that step ``trace`` reads."""

    saes: dict[int, Path]
    model: Path
    cells: Path

    @property
    def reads(self) -> dict[str, Any]:
        """The folders by step."""
        return {"sae": self.saes, "codes": {}, "describe": {}, "model": self.model, "cells": self.cells}

    @property
    def model_dir(self) -> Path:
        return model_directory(self.model)


def write_trace_folders(
    root: Path, *, lengths: list[int], n_layers=4, d_model=32, n_features=24, k=4, heldout_every=1, obs=None, **model
) -> TraceFolders:
    """Random weights throughout; ``lengths`` are the tokens of each cell; every layer has an autoencoder."""
    directory = tiny_geneformer(root / "geneformer", n_layers=n_layers, d_model=d_model, **model)
    vocabulary: Vocabulary = load_vocabulary(directory)
    with StepFolder.create(root / "model-1") as out:
        out.finish(model_id=load_adapter(directory).info.model_id, model_dir=str(directory), family="geneformer")
    cells = write_cells(
        root / "cells-1", random_cells(vocabulary, lengths), vocabulary, heldout_every=heldout_every, obs=obs
    )
    saes = {layer: root / f"sae-{layer}" for layer in range(n_layers)}
    for layer, folder in saes.items():
        random_sae(folder, d_model=d_model, n_features=n_features, k=k, layer=layer, seed=layer)
    return TraceFolders(saes, root / "model-1", cells)
