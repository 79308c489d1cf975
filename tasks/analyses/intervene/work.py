"""The work of step ``intervene``: named interventions, read in cells beside their controls.

1. ``interventions``: table intervention, what is done in numbers.
2. ``scores``, where some are named: intervention_score, how well each reads cells that it did not learn from, beside
   scores of exchanged labels; intervention_gene, the genes that it reads (``scores``).
3. ``cell-…``: intervention_value of one cell, all interventions (``measure``), and what scores of exchanged labels say.
4. ``summary``: intervention_summary. p by sign flips of cells; q after Benjamini-Hochberg over all real ones of the
   table; ``beyond``: whether |mean| is larger than that of every control direction of the same read-out. A divergence
   or a distance is never below 0, so it has no p: the controls say what is large. ``p_shuffled`` of a score: the share
   of scores learnt from exchanged labels, or of random genes, that move at least as far (``interventions.shuffled``).
   Behind the last layer stands no block, so a probe moves there by the same sign in every cell: it has neither.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from tasks.analyses.intervene.inputs import InterveneInputs, load_inputs
from tasks.analyses.intervene.measure import Cell, Treatments
from tasks.analyses.intervene.scores import Score, learn_scores
from tasks.analyses.intervene.step import InterveneSettings
from tasks.analyses.intervene.summary import KEY, Key, summary_rows
from tasks.cells.reader import CellsReader
from tasks.interventions.shuffled import shuffled_p
from tasks.models.adapter import layer_output
from tasks.references.reader import ReferencesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.controls import COVARIANT, ISOTROPIC, covariant_directions, random_directions

STATES = 8  # cells whose states say how a layer's outputs vary
SPLIT = "|"  # between parts of a name in a file; names of interventions and scores have none
Row = dict[str, Any]


def intervene(settings: InterveneSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Carry out every intervention. Raises RequestError for a bad request."""
    reader, loaded = CellsReader(inputs.folder("cells")), load_inputs(settings, inputs)

    def learn() -> list[Score]:
        def references() -> ReferencesReader:
            return ReferencesReader(inputs.folder("references"))

        return learn_scores(settings, reader, loaded.adapter, list(loaded.cells), references)

    work = Interventions(settings, loaded, out, learn)
    work.run()
    return {"n_interventions": len(settings.interventions), "n_cells": len(work.inputs.cells)}


class Interventions:
    """The units of work of the step. Every method skips what the folder already has."""

    def __init__(
        self,
        settings: InterveneSettings,
        inputs: InterveneInputs,
        out: StepFolder,
        learn: Callable[[], list[Score]] = list,
    ) -> None:
        self.settings, self.inputs, self.out, self._learn = settings, inputs, out, learn

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has("interventions"):
            with self.out.unit("interventions") as unit:
                unit.table("intervention", table_frame("intervention", self._named()))
        if self.settings.scores and not self.out.has("scores"):
            self._write_scores()
        missing = [at for at in self.inputs.cells if not self.out.has(_unit(at))]
        if missing:
            _ = self.treatments, self.scores  # made here, before threads ask for them
        done = in_parallel(self._measure, missing, torch.device(self.inputs.adapter.device))
        for _ in track(done, "interventions", len(missing), "cell"):
            pass
        if not self.out.has("summary"):
            values = self.out.read_table("intervention_value")
            rows = summary_rows(values, self.settings, self._shuffled(), self._degenerate)
            with self.out.unit("summary") as unit:
                unit.table("intervention_summary", table_frame("intervention_summary", rows).sort(KEY))

    @cached_property
    def scores(self) -> list[Score]:
        """Scores of the cell, learnt from cells that are not measured."""
        return self._learn()

    @cached_property
    def treatments(self) -> list[Treatments]:
        """Every intervention with the directions of its controls."""
        found = []
        for each in self.inputs.interventions:
            layers = sorted({one.layer for one in each.changes})
            by_layer = {
                layer: self._directions(layer, [one.feature for one in each.changes if one.layer == layer])
                for layer in layers
            }
            names = by_layer[layers[0]]
            directions = {name: {layer: by_layer[layer][name] for layer in layers} for name in names}
            found.append(Treatments(each, self.inputs, directions))
        return found

    @torch.inference_mode()
    def _directions(self, layer: int, features: list[int]) -> dict[str, torch.Tensor]:
        adapter, cells = self.inputs.adapter, list(self.inputs.cells.values())[:STATES]
        states = [layer_output(adapter, cell, layer) for cell in cells]
        real, seed = self.inputs.encoders[layer].sae.W_dec.detach().cpu(), [self.settings.seed, layer]
        return {
            "real": real,
            "random_direction": random_directions(real, features, [*seed, ISOTROPIC]),
            "covariance_matched": covariant_directions(real, features, states, [*seed, COVARIANT]),
        }

    @property
    def _degenerate(self) -> frozenset[str]:
        """Interventions at the last layer alone."""
        last = self.inputs.adapter.info.n_layers - 1
        return frozenset(each.name for each in self.inputs.interventions if each.first == last)

    def _write_scores(self) -> None:
        quality = [row for score in self.scores for row in score.quality]
        genes = [
            {"score": score.name, "side": side, "gene_id": gene}
            for score in self.scores
            for side, named in score.genes.items()
            for gene in named
        ]
        with self.out.unit("scores") as unit:
            unit.table("intervention_score", table_frame("intervention_score", quality).sort("score", "readout"))
            unit.table("intervention_gene", table_frame("intervention_gene", genes).sort("score", "side", "gene_id"))

    def _shuffled(self) -> dict[Key, float]:
        """p_shuffled by intervention, read-out and score."""
        if not self.settings.scores:
            return {}
        files = [load_file(self.out.file(_null(at))) for at in self.inputs.cells]
        means = {name: np.mean([one[name].astype(np.float64) for one in files], axis=0) for name in files[0]}
        return {_parted(name): shuffled_p(mean) for name, mean in means.items()}

    def _named(self) -> list[Row]:
        return [
            {
                "intervention": each.name,
                "sae_id": self.inputs.encoders[one.layer].sae.sae_id,
                "feature": one.feature,
                "kind": one.kind,
                "amount": one.amount,
                "matched_feature": each.matched.get((one.layer, one.feature)),
            }
            for each in sorted(self.inputs.interventions, key=lambda each: each.name)
            for one in sorted(each.changes)
        ]

    def _measure(self, at: int) -> None:
        cell = Cell(self.settings, self.inputs, self.scores, at, self.inputs.cells[at])
        null: dict[Key, NDArray[np.float64]] = {}
        rows = [{**row, "cell_id": at} for treatments in self.treatments for row in cell.rows(treatments, null)]
        with self.out.unit(_unit(at)) as unit:
            unit.table("intervention_value", table_frame("intervention_value", rows).sort(*KEY, "cell_id"))
            if null:
                with unit.file(_null(at)) as path:
                    save_file({SPLIT.join(key): levels.astype(np.float32) for key, levels in null.items()}, path)


def _unit(at: int) -> str:
    return f"cell-{at:08d}"


def _null(at: int) -> str:
    return f"null/{_unit(at)}.safetensors"


def _parted(name: str) -> Key:
    intervention, readout, item = name.split(SPLIT)
    return intervention, readout, item
