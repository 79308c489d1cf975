"""Folders of steps cells and shift with points that a test names as embeddings: what step integration reads."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from tasks.analyses.shift.embeddings import embeddings_file
from tasks.store import StepFolder
from tests.builders.cells import write_cells
from tests.builders.contract_frames import contract_frame
from tests.builders.models import tiny_vocabulary
from tests.builders.planted_trajectory import trajectory_cells

SAE_ID = "L01-planted"


def write_shift(
    root: Path, embeddings: Mapping[str, np.ndarray], label: list[str | None], batch: list[str | None]
) -> dict[str, Path | dict[int, Path]]:
    """``embeddings`` [n, e] by setting, ``clean`` first; all cells are embedded, settings change one feature."""
    n = len(label)
    cells = trajectory_cells(tiny_vocabulary(), np.linspace(0, 1, n), 16, 0)
    names = list(embeddings)
    settings = [
        {"sae_id": SAE_ID, "place": place, "setting": name, "selector": "batch" if place else "none", "draw": 0}
        | {"arm": "feature" if place else "clean", "mode": "scale", "value": 0.5 if place else 1.0}
        | {"n_features": 1 if place else 0, "frequency": None, "activation": None, "norm": None}
        for place, name in enumerate(names)
    ]
    roles = {"reference": True, "chooses": False, "embedded": True}
    rows = [
        {"sae_id": SAE_ID, "cell_id": cell, "label": one, "batch": other, **roles}
        for cell, (one, other) in enumerate(zip(label, batch, strict=True))
    ]
    values = np.stack([embeddings[name] for name in names], axis=1).astype(np.float32)
    folder = root / "shift-1"
    with StepFolder.create(folder) as out:
        with out.unit("choice") as unit:
            unit.table("shift_setting", contract_frame("shift_setting", settings))
            unit.table("shift_cell", contract_frame("shift_cell", pl.DataFrame(rows, infer_schema_length=None)))
        with out.unit("cells-00000000") as unit, unit.file(embeddings_file("cells-00000000")) as path:
            save_file({"cell_id": np.arange(n, dtype=np.uint32), "embedding": values}, path)
        out.finish(sae_id=SAE_ID, layer=1)
    return {"shift": {1: folder}, "cells": write_cells(root / "cells-1", cells, tiny_vocabulary())}
