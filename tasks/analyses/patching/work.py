"""The work of step ``patching``: features of one layer taken out, and hidden genes read.

1. ``train-…``: changes of all hidden genes in one training cell, from which targets ``train`` are chosen.
2. ``cell-…``: patch_cell of one held-out cell, the features beside their controls (``measure``, ``targets``).
3. ``<rule>-…``: what a published rule finds in the cell (``published``).
4. ``summary``: causal_patch, causal_patch_gene, patch_control and causal_patch_summary (``significance``, ``tables``).
"""

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np
import polars as pl
import torch

from tasks.analyses.patching import tables
from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.inputs import PatchingInputs, load_inputs
from tasks.analyses.patching.measure import Measurement
from tasks.analyses.patching.published import Published, pooled
from tasks.analyses.patching.significance import flip_tests, with_directions, with_q
from tasks.analyses.patching.step import PatchingSettings, PublishedRule
from tasks.analyses.patching.targets import Targets, TrainEffects, cell_rows
from tasks.analyses.patching.treatments import ALONG, Treatments
from tasks.causal.tiles import TiledEncoder
from tasks.models.batches import Batch
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.controls import DIRECTIONS

SUMMARY = "summary"
EFFECT = {"genes": "log_probability", "next": "log_probability", "values": "value"}
CHANGES = {"treatment": pl.String, "feature": pl.UInt32, "token": pl.Int32, "d": pl.Float32}
KEYS = {
    "causal_patch": ("sae_id", "rule", "target_kind", "feature"),
    "causal_patch_gene": ("sae_id", "target_kind", "feature", "rank"),
    "causal_patch_summary": ("sae_id", "rule", "target_kind"),
    "patch_control": ("sae_id", "target_kind", "feature", "control"),
    "patch_cell": ("sae_id", "target_kind", "feature", "treatment", "cell_id"),
}


def patch_features(settings: PatchingSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Patch one layer's features.

    Raises RequestError for a model that predicts nothing, a feature that is not there, and cells that do not suffice.
    """
    patching = Patching(settings, load_inputs(settings, inputs), out)
    patching.run()
    return patching.info()


class Patching:
    """The units of work of one layer. Every method skips what the folder already has."""

    def __init__(self, settings: PatchingSettings, inputs: PatchingInputs, out: StepFolder) -> None:
        self.settings, self.inputs, self.out = settings, inputs, out
        self.encoder = TiledEncoder(inputs.sae)

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has(SUMMARY):
            self._measure()
            self._summarise()

    def _measure(self) -> None:
        _ = self.measurement  # made here, before threads ask for it
        if "train" in self.settings.targets:
            self._each("train", self.inputs.train, self._train)
        _ = self.targets
        self._each("cell", self.inputs.heldout, self._heldout)
        for rule in self.settings.rules:
            self._each(rule, self.inputs.heldout, partial(self._published, rule))

    def info(self) -> Info:
        """What the manifest says of the whole."""
        found = self.out.read_table("causal_patch").filter(rule=tables.PAIRED)
        return {
            "sae_id": self.inputs.sae.sae_id,
            "n_features": len(self.inputs.patched),
            "n_tests": found.height,
            "n_significant": int((found["q"] <= tables.LEVEL).sum()),
        }

    def _each(self, name: str, cells: dict[int, Batch], work: Callable[[int, Batch], None]) -> None:
        missing = [at for at in cells if not self.out.has(f"{name}-{at:08d}")]
        done = in_parallel(lambda at: work(at, cells[at]), missing, torch.device(self.inputs.adapter.device))
        for _ in track(done, f"patching, {name}", len(missing), "cell"):
            pass

    @cached_property
    def measurement(self) -> Measurement:
        """What cells are measured with; controls' directions are drawn once."""
        found, settings = self.inputs, self.settings
        treatments = Treatments.of(found.patched, self.encoder, found.states(), settings.multiplier, settings.seed)
        return Measurement(settings, found.adapter, self.encoder, treatments)

    def _train(self, at: int, cell: Batch) -> None:
        parts = [
            pl.DataFrame({"token": one.tokens.numpy(), "d": copy.d.numpy()})
            .with_columns(treatment=pl.lit(copy.treatment), feature=copy.feature)
            .select(pl.col(name).cast(dtype) for name, dtype in CHANGES.items())
            for one in self.measurement.rounds(at, cell, controls=False)
            for copy in one.copies
        ]
        found = pl.concat([pl.DataFrame(schema=CHANGES), *parts])
        with self.out.unit(f"train-{at:08d}") as unit, unit.file(_file("train", at)) as path:
            found.write_parquet(path)

    def _heldout(self, at: int, cell: Batch) -> None:
        rounds = list(self.measurement.rounds(at, cell, controls=True))
        rows = cell_rows(rounds, self.targets, self.inputs.log_frequency, self.settings.n_matched)
        with self.out.unit(f"cell-{at:08d}") as unit:
            unit.table("patch_cell", self._frame("patch_cell", [{**row, "cell_id": at} for row in rows]))

    def _published(self, rule: PublishedRule, at: int, cell: Batch) -> None:
        found = self.inputs
        by_rule = Published(rule, found.adapter, self.encoder, found.patched, self.settings.seed)
        with self.out.unit(f"{rule}-{at:08d}") as unit, unit.file(_file(rule, at)) as path:
            by_rule.sums(at, cell).write_parquet(path)

    @cached_property
    def genes(self) -> dict[tuple[str, int], list[int]]:
        """Target genes of every kind and feature, as tokens in their order."""
        patched, symbol_of = self.inputs.patched, self.inputs.symbol_of
        found = {("own", one.feature): tables.published_genes(one) for one in patched}
        found |= {("term", one.feature): sorted(one.members, key=lambda token: symbol_of[token]) for one in patched}
        return found | {("train", one.feature): self.suffering["real", one.feature] for one in patched}

    @cached_property
    def suffering(self) -> dict[tuple[str, int], list[int]]:
        """Genes that suffer most in training cells, by treatment and feature; empty unless targets train are asked."""
        effects = TrainEffects(len(self.inputs.log_frequency))
        for at in self.inputs.train if "train" in self.settings.targets else ():
            changes = pl.read_parquet(self.out.file(_file("train", at)), glob=False)
            parts = changes.partition_by("treatment", "feature", as_dict=True, maintain_order=True)
            for (treatment, feature), part in parts.items():
                d = part["d"].to_numpy().astype(np.float64)
                effects.add((str(treatment), int(feature)), part["token"].to_numpy(), d)
        n = self.settings.n_targets
        return {
            (name, one.feature): effects.lowest((name, one.feature), n) for name in ALONG for one in self.inputs.patched
        }

    @cached_property
    def targets(self) -> list[Targets]:
        """All kinds of targets that are asked for."""
        return [
            Targets(one.feature, kind, frozenset(self.genes[kind, one.feature]), one.own, self._of_controls(kind, one))
            for kind in self.settings.targets
            for one in self.inputs.patched
        ]

    def _of_controls(self, kind: str, one: Patched) -> dict[str, frozenset[int]]:
        """Targets train of a control direction are found for it as they are for the feature."""
        if kind != "train":
            return {}
        return {name: frozenset(self.suffering[name, one.feature]) for name in DIRECTIONS}

    def _summarise(self) -> None:
        found, settings = self.inputs, self.settings
        measured = self.out.read_table("patch_cell")
        rows = with_directions(flip_tests(measured, found.units, settings, found.sae.layer))
        real, _ = with_q([row for row in rows if row["treatment"] == "real"], found.sae.layer)
        published: dict[str, pl.DataFrame] = {rule: pooled(self._sums(rule)) for rule in settings.rules}
        patches = tables.with_features(
            tables.patch_rows(real, published, EFFECT[found.adapter.predicts]), found.patched, self.genes
        )
        matched = {one.feature: one.matched for one in found.patched if one.matched is not None}
        with self.out.unit(SUMMARY) as unit:
            for table, frame in {
                "causal_patch": patches,
                "causal_patch_gene": tables.gene_rows(patches, self.genes, found.symbol_of),
                "patch_control": tables.control_rows(rows, matched),
                "causal_patch_summary": tables.summary_rows(patches, rows),
            }.items():
                unit.table(table, self._frame(table, frame))

    def _sums(self, rule: PublishedRule) -> pl.DataFrame:
        return pl.concat(pl.read_parquet(self.out.file(_file(rule, at)), glob=False) for at in self.inputs.heldout)

    def _frame(self, table: str, rows: list[tables.Row]) -> pl.DataFrame:
        named = [{"sae_id": self.inputs.sae.sae_id, **row} for row in rows]
        return table_frame(table, named).sort(*KEYS[table])


def _file(name: str, at: int) -> str:
    return f"{name}/{at:08d}.parquet"
