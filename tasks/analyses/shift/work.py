"""The work of step ``shift``: one layer's features changed in whole cells, and where the model then puts each cell.

1. ``choice``: shift_setting, shift_feature and shift_cell; which features are changed, how, and in which cells.
2. ``cells-...``: embeddings of a few cells under every setting (``measure``), as a file.
3. ``summary``: embedding_shift and embedding_map (``tables``).
"""

from functools import cached_property

import numpy as np
import torch
from safetensors.numpy import save_file

from tasks.analyses.shift import together
from tasks.analyses.shift.embeddings import embeddings_file, read_embeddings
from tasks.analyses.shift.inputs import ShiftInputs, load_inputs
from tasks.analyses.shift.measure import Bench
from tasks.analyses.shift.step import ShiftSettings
from tasks.analyses.shift.tables import feature_frame, map_frame, setting_frame, shift_frame
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.progress import track
from tasks.store.workers import in_parallel

CELLS_OF_UNIT = 8


def shift_cells(settings: ShiftSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Embed the cells under every setting. Raises RequestError for a bad request."""
    shift = Shift(settings, load_inputs(settings, inputs), out)
    shift.run()
    about = {"sae_id": shift.sae_id, "n_settings": len(shift.inputs.conditions), "n_cells": len(shift.cells)}
    return {"layer": inputs.own_layer, **about}


class Shift:
    """The units of work of one layer; every one that the folder has is skipped."""

    def __init__(self, settings: ShiftSettings, inputs: ShiftInputs, out: StepFolder) -> None:
        self.settings, self.inputs, self.out = settings, inputs, out
        self.cells = sorted(inputs.cells)
        self.sae_id = inputs.encoder.sae.sae_id

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has("choice"):
            with self.out.unit("choice") as unit:
                unit.table("shift_setting", setting_frame(self.sae_id, self.inputs))
                unit.table("shift_feature", feature_frame(self.sae_id, self.inputs))
                unit.table("shift_cell", self.inputs.roles.frame(self.sae_id))
        units = {f"cells-{first:08d}": self.cells[first : first + CELLS_OF_UNIT] for first in self._firsts()}
        missing = [name for name in units if not self.out.has(name)]

        def embed(name: str) -> None:
            found = [self.bench.embeddings(self.inputs.cells[cell], cell) for cell in units[name]]
            arrays = {"cell_id": np.array(units[name], dtype=np.uint32), "embedding": np.stack(found)}
            with self.out.unit(name) as unit, unit.file(embeddings_file(name)) as path:
                save_file(arrays, path)

        if missing:
            _ = self.bench.drawn  # made here, and with it the bench, before threads ask for them
        device = torch.device(self.inputs.adapter.device)
        for _ in track(in_parallel(embed, missing, device), "shift", len(missing), f"{CELLS_OF_UNIT} cells"):
            pass
        if not self.out.has("summary"):
            found = read_embeddings(self.out)
            with self.out.unit("summary") as unit:
                unit.table("embedding_shift", shift_frame(self.sae_id, found, self.inputs))
                unit.table("embedding_map", map_frame(self.sae_id, found, self.inputs.conditions))

    @cached_property
    def bench(self) -> Bench:
        """Model, autoencoder, and what is done."""
        one, bars = self.inputs, {}
        if one.k is not None:
            bars = together.bars(one.adapter, one.encoder, one.k, one.cells)
        ceiling, seed = one.traits.ceiling, self.settings.seed
        return Bench(one.adapter, one.encoder, one.conditions, ceiling, seed, bars, one.states())

    def _firsts(self) -> range:
        return range(0, len(self.cells), CELLS_OF_UNIT)
