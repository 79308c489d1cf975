"""The work of step ``damage``: what the model's predictions of hidden genes lose with features of one layer.

1. ``arms``: hubs, random features and matches of the hubs (``arms``), and the directions that hubs are held against,
   as file.
2. ``cell-...``: lm_damage of one cell, all changes of it side by side (``cell``).
3. ``summary``: damage_summary (``summary``) and damage_test (``comparisons``).

Where fewer features have an edge than hubs are asked for, there are no hubs, and the tables have no rows.
"""

from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tasks.analyses.damage.arms import Arms, choose_arms
from tasks.analyses.damage.cell import Bench, cell_rows, show
from tasks.analyses.damage.comparisons import comparison_rows
from tasks.analyses.damage.step import DamageSettings
from tasks.analyses.damage.summary import summary_rows
from tasks.analyses.traced import Traced
from tasks.causal.cell import source_state
from tasks.causal.inputs import check_fit, draw_cells
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.interventions.readout import require_predictions
from tasks.models import load_prepared
from tasks.models.batches import Batch
from tasks.sae import load_sae
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.controls import covariant_directions, random_directions

HIDDEN, RANDOM_ARM, OUTPUTS, ISOTROPIC, COVARIANT, SUMMARY, TESTS = range(7)  # streams of the seed
OUTPUTS_OF_A_CELL = 64  # whose covariance controls are drawn from
CONTROLS = "controls.safetensors"
KEYS = {
    "lm_damage": ["arm", "change", "place", "cell_id"],
    "damage_summary": ["rule", "arm", "change", "together"],
    "damage_test": ["rule", "test"],
}


def measure_damage(settings: DamageSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Take the features of one traced layer out. Raises RequestError for a model, features or cells that do not do."""
    damage = LayerDamage(settings, inputs, out)
    damage.run()
    return damage.info()


class LayerDamage:
    """The units of work of one layer; every one that the folder has is skipped."""

    def __init__(self, settings: DamageSettings, inputs: Inputs, out: StepFolder) -> None:
        self.settings, self.out, self.layer = settings, out, inputs.own_layer
        self.traced = Traced.open("damage", settings, inputs)
        self.described = StepFolder.open(inputs.layers("describe")[self.layer])
        self.adapter = load_prepared(inputs.folder("model"), inputs.device)
        require_predictions(self.adapter, "damage")
        sae = load_sae(inputs.layers("sae")[self.layer], inputs.device)
        check_fit(sae, self.layer, self.adapter)
        self.encoder = TiledEncoder(sae)
        drawn = draw_cells(settings, CellsReader(inputs.folder("cells")))
        self.cells: dict[int, Batch] = {cell_id: cell.to(inputs.device) for cell_id, cell in drawn.items()}
        self.device = torch.device(inputs.device)
        self.key = {**self.traced.key, "sae_id": self.traced.source_sae}

    def run(self) -> None:
        """All units, in order; empty tables where there are no hubs."""
        if self.n_with_edges < self.settings.n_features:
            if not self.out.has("summary"):
                self._write("summary", {table: [] for table in KEYS})
            return
        self._measure()
        if not self.out.has("summary"):
            cells, draws = self.out.read_table("lm_damage"), self.settings.n_draws
            summary = summary_rows(cells, self.features, draws, self._seed(SUMMARY))
            tests = comparison_rows(cells, self.features, draws, self._seed(TESTS))
            self._write("summary", {"damage_summary": summary, "damage_test": tests})

    def _measure(self) -> None:
        bench = Bench(self.adapter, self.encoder, self.arms, self.controls)
        missing = [cell_id for cell_id in self.cells if not self.out.has(_unit(cell_id))]

        def measure(cell_id: int) -> None:
            shown = show(bench, self.cells[cell_id], self.settings.mask_fraction, self._seed(HIDDEN, cell_id))
            self._write(_unit(cell_id), {"lm_damage": cell_rows(bench, shown, cell_id)})

        for _ in track(in_parallel(measure, missing, self.device), "damage", len(missing), "cell"):
            pass

    def info(self) -> Info:
        """What the manifest says of the whole."""
        if self.n_with_edges < self.settings.n_features:
            said = f"{self.n_with_edges} sources have an edge by the rule {self.key['criterion']}"
            return {"layer": self.layer, "hubs": f"no {self.settings.n_features} hubs: {said}"}
        tests = self.out.read_table("damage_test").filter(rule="same_cells")
        unmatched = len(self.arms.hubs) - len(self.arms.matched)
        about = {"layer": self.layer, "n_cells": len(self.cells), "n_features": len(self.arms.hubs)}
        return {**about, "n_unmatched": unmatched, "n_significant": int((tests["q"] <= 0.05).sum())}

    @cached_property
    def features(self) -> pl.DataFrame:
        """feature, degree and frequency of the sources that fire, ascending."""
        frequency = self.described.read_table("feature").select("feature", "frequency").filter(pl.col("frequency") > 0)
        return self.traced.degrees().join(frequency, on="feature", how="inner").sort("feature")

    @property
    def n_with_edges(self) -> int:
        """Sources that have an edge and fire: hubs are among them."""
        return int((self.features["degree"] > 0).sum())

    @cached_property
    def arms(self) -> Arms:
        """Which features are taken out."""
        return choose_arms(self.features, self.settings.n_features, self.settings.caliper, self._seed(RANDOM_ARM))

    @cached_property
    def controls(self) -> dict[str, Tensor]:
        """Directions [n, d] that stand in for the hubs', kept as a file: another start goes on with the same ones."""
        if not self.out.has("arms"):
            with self.out.unit("arms") as unit, unit.file(CONTROLS) as path:
                save_file(self._drawn_directions(), path)
        return load_file(self.out.file(CONTROLS))

    def _drawn_directions(self) -> dict[str, Tensor]:
        def outputs(cell_id: int) -> Tensor:
            cell = self.cells[cell_id]
            hidden = source_state(self.adapter, self.layer, self.encoder, cell_id, cell).hidden.cpu()
            genes = self.adapter.is_gene(cell.tokens[0]).cpu().nonzero().flatten()
            order = np.random.default_rng(self._seed(OUTPUTS, cell_id)).permutation(len(genes))[:OUTPUTS_OF_A_CELL]
            return hidden[genes[torch.from_numpy(order)]]

        states = list(in_parallel(outputs, self.cells, self.device))
        real, hubs = self.encoder.sae.W_dec.cpu(), self.arms.hubs
        isotropic = random_directions(real, hubs, self._seed(ISOTROPIC))
        covariant = covariant_directions(real, hubs, states, self._seed(COVARIANT))
        return {"random_direction": isotropic[hubs], "covariance_matched": covariant[hubs]}

    def _seed(self, stream: int, *more: int) -> list[int]:
        return [self.settings.seed, self.layer, stream, *more]

    def _write(self, unit: str, tables: dict[str, list[dict[str, Any]]]) -> None:
        with self.out.unit(unit) as shard:
            for table, rows in tables.items():
                shard.table(table, table_frame(table, [{**self.key, **row} for row in rows]).sort(KEYS[table]))


def _unit(cell_id: int) -> str:
    return f"cell-{cell_id:08d}"
