"""The work of step ``intervene``: named interventions, read in cells beside their controls.

1. ``interventions``: table intervention, what is done in numbers.
2. ``cell-…``: intervention_value of one cell, all interventions (``measure``).
3. ``summary``: intervention_summary. p by sign flips of cells; q after Benjamini-Hochberg over all real ones of the
   table; ``beyond``: whether |mean| is larger than that of every control direction of the same read-out. A divergence
   or a distance is never below 0, so it has no p: the controls say what is large.
"""

from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import torch

from tasks.analyses.intervene.inputs import InterveneInputs, load_inputs
from tasks.analyses.intervene.measure import Cell, Treatments
from tasks.analyses.intervene.step import InterveneSettings
from tasks.models.adapter import run_blocks
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.permutation import permute
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.controls import COVARIANT, DIRECTIONS, ISOTROPIC, covariant_directions, random_directions

STATES = 8  # cells whose states say how a layer's outputs vary
FLIPS = 9  # stream of the seed
KEY = ("intervention", "treatment", "readout", "item")
SIGNED = ("gene", "hidden", "feature")
Row = dict[str, Any]


def intervene(settings: InterveneSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Carry out every intervention. Raises RequestError for a bad request."""
    work = Interventions(settings, load_inputs(settings, inputs), out)
    work.run()
    return {"n_interventions": len(settings.interventions), "n_cells": len(work.inputs.cells)}


class Interventions:
    """The units of work of the step. Every method skips what the folder already has."""

    def __init__(self, settings: InterveneSettings, inputs: InterveneInputs, out: StepFolder) -> None:
        self.settings, self.inputs, self.out = settings, inputs, out

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has("interventions"):
            with self.out.unit("interventions") as unit:
                unit.table("intervention", table_frame("intervention", self._named()))
        missing = [at for at in self.inputs.cells if not self.out.has(_unit(at))]
        if missing:
            _ = self.treatments  # made here, before threads ask for them
        done = in_parallel(self._measure, missing, torch.device(self.inputs.adapter.device))
        for _ in track(done, "interventions", len(missing), "cell"):
            pass
        if not self.out.has("summary"):
            rows = summary_rows(self.out.read_table("intervention_value"), self.settings)
            with self.out.unit("summary") as unit:
                unit.table("intervention_summary", table_frame("intervention_summary", rows).sort(KEY))

    @cached_property
    def treatments(self) -> list[Treatments]:
        """Every intervention with the directions of its controls."""
        return [
            Treatments(each, self._directions(each.layer, [one.feature for one in each.changes]))
            for each in self.inputs.interventions
        ]

    @torch.inference_mode()
    def _directions(self, layer: int, features: list[int]) -> dict[str, torch.Tensor]:
        adapter, cells = self.inputs.adapter, list(self.inputs.cells.values())[:STATES]
        states = [run_blocks(adapter, adapter.embed(cell), 0, layer + 1)[0] for cell in cells]
        real, seed = self.inputs.encoders[layer].sae.W_dec.detach().cpu(), [self.settings.seed, layer]
        return {
            "real": real,
            "random_direction": random_directions(real, features, [*seed, ISOTROPIC]),
            "covariance_matched": covariant_directions(real, features, states, [*seed, COVARIANT]),
        }

    def _named(self) -> list[Row]:
        return [
            {
                "intervention": each.name,
                "sae_id": self.inputs.encoders[each.layer].sae.sae_id,
                "feature": one.feature,
                "kind": one.kind,
                "amount": one.amount,
                "matched_feature": each.matched.get(one.feature),
            }
            for each in sorted(self.inputs.interventions, key=lambda each: each.name)
            for one in sorted(each.changes)
        ]

    def _measure(self, at: int) -> None:
        cell = Cell(self.settings, self.inputs, at, self.inputs.cells[at])
        rows = [{**row, "cell_id": at} for treatments in self.treatments for row in cell.rows(treatments)]
        with self.out.unit(_unit(at)) as unit:
            unit.table("intervention_value", table_frame("intervention_value", rows).sort(*KEY, "cell_id"))


def summary_rows(values: pl.DataFrame, settings: InterveneSettings) -> list[Row]:
    """Rows of intervention_summary from those of intervention_value."""
    rows: list[Row] = []
    for key, part in values.sort(*KEY, "cell_id").partition_by(*KEY, as_dict=True, maintain_order=True).items():
        found = part["value"].to_numpy().copy()
        about = dict(zip(KEY, key, strict=True))
        p = None
        if about["readout"] in SIGNED:
            seed = [settings.seed, FLIPS]
            p = float(permute(torch.from_numpy(found)[:, None], settings.n_flips, settings.fine_flips, seed).p[0])
        sd = float(found.std(ddof=1)) if found.size > 1 else None
        rows.append({**about, "n_cells": found.size, "mean": float(found.mean()), "sd": sd, "p": p})
    tested = [row for row in rows if row["treatment"] == "real" and row["p"] is not None]
    q = benjamini_hochberg(np.array([row["p"] for row in tested])) if tested else np.zeros(0)
    by_row = dict(zip(map(id, tested), q.tolist(), strict=True))
    return [{**row, "q": by_row.get(id(row)), "beyond": _beyond(row, rows)} for row in rows]


def _beyond(row: Row, rows: list[Row]) -> bool | None:
    """Whether a real mean is larger than those of its control directions."""
    alike = [one for one in rows if all(one[name] == row[name] for name in ("intervention", "readout", "item"))]
    drawn = [abs(one["mean"]) for one in alike if one["treatment"] in DIRECTIONS]
    return abs(row["mean"]) > max(drawn) if row["treatment"] == "real" and drawn else None


def _unit(at: int) -> str:
    return f"cell-{at:08d}"
