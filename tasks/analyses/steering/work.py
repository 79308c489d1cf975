"""The work of step ``steering``, all units of one study in one folder.

1. ``panel``: steering_cell, steering_feature, marker_gene; who does what (``roles``), and which features are steered.
2. ``readouts``: probe and signature; what read-outs learnt, and how well they read other cells (``bank``, ``quality``).
3. ``cell-...``: steering_value of one cell, and what shuffled read-outs say of it (``measure``).
4. ``summary``: steering_summary, steering_contrast, dose_response, readout_concordance, layer_gradient (``aggregate``,
   ``contrasts``, ``gradient``), with p and q of every feature against shuffled read-outs (``shuffled``).
"""

from collections import Counter
from functools import cached_property

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch import Tensor

from tasks.analyses.steering.aggregate import corrected, summarise
from tasks.analyses.steering.findings import findings
from tasks.analyses.steering.inputs import Learnt, SteeringInputs, learn, load_inputs
from tasks.analyses.steering.measure import (
    Condition,
    Effect,
    cell_effects,
    conditions,
    direction_of,
    effects_beside,
    varying_directions,
)
from tasks.analyses.steering.step import FEATURE, SteeringSettings
from tasks.analyses.steering.tables import (
    cell_frame,
    feature_frame,
    marker_frame,
    marker_tokens,
    null_arrays,
    signature_frame,
    value_frame,
)
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.copies import Copies
from tasks.interventions.quality import Fit, quality_rows
from tasks.interventions.shuffled import UNCENTRED, shuffled_p
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel


def steer(settings: SteeringSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Steer the panel. Raises RequestError if trajectory, panel, model or cells do not allow it."""
    steering = Steering(settings, load_inputs(settings, inputs), out)
    steering.run()
    return steering.info()


class Steering:
    """The units of work of the step."""

    def __init__(self, settings: SteeringSettings, inputs: SteeringInputs, out: StepFolder) -> None:
        self.settings, self.inputs, self.out = settings, inputs, out
        self.cells = sorted(inputs.cells)
        self.genes = inputs.reader.genes()

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has("panel"):
            with self.out.unit("panel") as unit:
                unit.table("marker_gene", marker_frame(self.settings, self.genes))
                unit.table("steering_cell", cell_frame(self.inputs.roles, self.cells))
                unit.table("steering_feature", feature_frame(self.inputs))
        if not self.out.has("readouts"):
            with self.out.unit("readouts") as unit:
                unit.table("probe", self._probes())
                signature = next(iter(self.learnt.bank.signatures.values()), None)
                unit.table("signature", signature_frame(signature, self.genes))
        missing = [cell for cell in self.cells if not self.out.has(_unit(cell))]
        if missing:
            _ = self.wanted, self.learnt  # made here, before threads ask for them
        device = torch.device(self.inputs.adapter.device)
        for _ in track(in_parallel(self._measure, missing, device), "steering", len(missing), "cell"):
            pass
        if not self.out.has("summary"):
            with self.out.unit("summary") as unit:
                for table, frame in findings(self._summary(), self.settings.min_cells, self.settings.seed).items():
                    unit.table(table, frame)

    def info(self) -> Info:
        """What the manifest says of the whole."""
        tests = self.out.read_table("steering_summary").filter(pl.col("q").is_not_null())
        counts = {"n_features": len(self.inputs.panel), "n_cells": len(self.cells), "n_tests": tests.height}
        return counts | {"n_significant": int((tests["q"] <= 0.05).sum())}

    @cached_property
    def encoders(self) -> dict[int, TiledEncoder]:
        """By layer of the panel."""
        return {
            layer: TiledEncoder(self.inputs.saes[layer]) for layer in sorted({one.layer for one in self.inputs.panel})
        }

    @cached_property
    def wanted(self) -> dict[int, list[tuple[Condition, Tensor]]]:
        """By layer, everything that is done, with the direction that it adds."""
        inputs, seed = self.inputs, self.settings.seed
        varying = {
            layer: varying_directions(inputs.saes[layer], inputs.panel, inputs.states(layer), seed)
            for layer in self.encoders
        }
        found: dict[int, list[tuple[Condition, Tensor]]] = {layer: [] for layer in self.encoders}
        for one in conditions(self.settings, inputs.panel):
            layer = one.chosen.layer
            found[layer].append((one, direction_of(one, inputs.saes[layer], varying[layer], seed)))
        return found

    @cached_property
    def learnt(self) -> Learnt:
        """The read-outs."""
        tokens = marker_tokens(marker_frame(self.settings, self.genes), self.genes)
        return learn(self.settings, self.inputs, tokens)

    def _probes(self) -> pl.DataFrame:
        own, settings, roles = self.learnt, self.settings, self.inputs.roles
        fit = Fit(settings.readouts, settings.n_axes_probe, settings.n_folds, roles.donor[roles.fit], settings.seed)
        rows = quality_rows(fit, own.states, own.times, lambda _, n: own.markers and own.markers.first(n))
        return table_frame("probe", rows).sort("readout")

    def _measure(self, cell_id: int) -> None:
        effects: list[Effect] = []
        shared = sorted(set(self.settings.multipliers))
        for layer, encoder in self.encoders.items():
            copies = Copies.of(self.inputs.adapter, layer, encoder, self.inputs.cells[cell_id])
            panel = [one for one in self.inputs.panel if one.layer == layer]
            effects += cell_effects(copies, self.wanted[layer], self.learnt.bank)
            effects += effects_beside(copies, encoder, panel, shared, self.learnt.bank)
        with self.out.unit(_unit(cell_id)) as unit:
            unit.table("steering_value", value_frame(effects, self.inputs, self.cells.index(cell_id), cell_id))
            with unit.file(_null(cell_id)) as path:
                save_file(null_arrays(effects), path)

    def _summary(self) -> pl.DataFrame:
        """Rows of steering_summary."""
        last = self.inputs.adapter.info.n_layers - 1
        found = summarise(self.out.read_table("steering_value"), last).join(
            self._shuffled(), on=["layer", "feature", "multiplier", "readout", "arm"], how="left", maintain_order="left"
        )
        chosen_apart = self.settings.panel == "separate"  # else features were chosen on what the read-outs learnt from
        told = ~pl.col("degenerate") & (pl.col("readout") != UNCENTRED) & chosen_apart
        tested = pl.when(told).then(pl.col("p"))
        return corrected(found.with_columns(p=tested), "p", "q", pl.lit(value=True))

    def _shuffled(self) -> pl.DataFrame:
        """p of every feature, multiplier and read-out."""
        sums: dict[tuple[float, ...], dict[str, NDArray[np.float64]]] = {}
        counts: Counter[tuple[float, ...]] = Counter()
        for cell in self.cells:
            arrays = load_file(self.out.file(_null(cell)))
            for row, at in enumerate(map(tuple, arrays.pop("condition").tolist())):
                counts[at] += 1
                own = sums.setdefault(at, {})
                for name, values in arrays.items():
                    own[name] = own.get(name, 0.0) + values[row].astype(np.float64)
        rows = [
            (
                int(at[0]),
                int(at[1]),
                at[2],
                name,
                FEATURE,
                shuffled_p(total / counts[at]),
            )
            for at, own in sums.items()
            for name, total in own.items()
        ]
        schema = {"layer": pl.UInt16, "feature": pl.UInt32, "multiplier": pl.Float64, "readout": pl.String}
        return pl.DataFrame(rows, schema={**schema, "arm": pl.String, "p": pl.Float64}, orient="row")


def _unit(cell_id: int) -> str:
    return f"cell-{cell_id:08d}"


def _null(cell_id: int) -> str:
    return f"shuffled/{_unit(cell_id)}.safetensors"
