"""The work of step ``integration``: every embedding of step ``shift`` and a PCA of the counts, benchmarked alike.

1. Cells without a batch or a cell type are left out, and so are cell types of fewer than ``min_cells`` cells.
2. A unit for the PCA, and one for every setting: integration_metric and label_transfer (``evidence``, ``tables``).
   Random sets of features and random directions have no intervals (``parts``): there are several of them.
"""

from functools import cached_property

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from tasks.analyses.integration.evidence import Sample, Sizes
from tasks.analyses.integration.parts import parts, without_batches
from tasks.analyses.integration.step import IntegrationSettings
from tasks.analyses.integration.tables import Benchmarked, Plan, metric_rows, transfer_rows
from tasks.analyses.shift.conditions import ALONG, CLEAN, RANDOM
from tasks.analyses.shift.embeddings import open_embeddings
from tasks.analyses.steering.pseudotime import log_counts, principal_axes
from tasks.cells.informative import informative_genes
from tasks.cells.reader import CellsReader
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame
from tasks.store.progress import notice, track
from tasks.store.workers import in_parallel

MODEL, PCA = "model", "pca"
CLUSTERS, DRAWS = 1, 2  # streams of the seed
MIN_CELLS_OF_GENE = 3


def benchmark(settings: IntegrationSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill both tables. Raises RequestError for too few cells."""
    work = Integration(settings, inputs, out)
    work.run()
    return work.info()


class Integration:
    """The units of work of one layer; every one that the folder has is skipped."""

    def __init__(self, settings: IntegrationSettings, inputs: Inputs, out: StepFolder) -> None:
        self.settings, self.out = settings, out
        folder = inputs.layers("shift")[inputs.own_layer]
        self.shifted = StepFolder.open(folder)
        self.sae_id = str(self.shifted.info["sae_id"])
        self.found = open_embeddings(folder)
        self.arm = dict(self.shifted.read_table("shift_setting").select("setting", "arm").iter_rows())
        cells = self.shifted.read_table("shift_cell").filter("embedded").sort("cell_id")
        self.kept = self._kept(cells)
        self.cells = cells.filter(pl.Series(self.kept))
        self.reader = CellsReader(inputs.folder("cells"))
        self.layer = inputs.own_layer

    def run(self) -> None:
        """Every unit, in order."""
        names = [PCA, *self.found.names]
        missing = [name for name in names if not self.out.has(_unit(name))]
        if not missing:
            return
        _ = self.clean  # made here, before threads ask for it

        def measure(name: str) -> None:
            self._measure(PCA, CLEAN) if name == PCA else self._measure(MODEL, name)

        done = in_parallel(measure, missing, torch.device("cpu"))
        for _ in track(done, "integration", len(missing), "embedding"):
            pass

    def info(self) -> Info:
        """What the manifest says of the whole."""
        left_out = int((~self.kept).sum())
        about = {"layer": self.layer, "n_cells": self.cells.height, "n_left_out": left_out}
        return {**about, "n_labels": self.sample.n_labels, "n_batches": self.sample.n_batches}

    @cached_property
    def sample(self) -> Sample:
        """Labels, batches, and the PCA of the counts."""
        ids = self.reader.cells()["cell_id"].to_numpy()
        counts = self.reader.counts()[np.searchsorted(ids, self.cells["cell_id"].to_numpy())]
        genes = informative_genes(counts, self.settings.n_genes, MIN_CELLS_OF_GENE)
        before = principal_axes(log_counts(counts)[:, genes].toarray(), self.settings.n_components)
        label, batch = (np.unique(self.cells[name], return_inverse=True)[1] for name in ("label", "batch"))
        return Sample(label.astype(np.int64), batch.astype(np.int64), before)

    @cached_property
    def plan(self) -> Plan:
        """What is done to every embedding."""
        one, batch = self.settings, self.sample.batch
        sizes = Sizes(one.transfer_neighbours, one.cluster_neighbours, one.kbet_neighbours, one.lisi_neighbours)
        drawn = parts(batch, one.n_draws, [one.seed, DRAWS])
        return Plan(self.sample, sizes, drawn, without_batches(batch), one.seed)

    @cached_property
    def clean(self) -> Benchmarked:
        """The undisturbed embedding."""
        return Benchmarked.of(self.found.of(CLEAN)[self.kept], self.plan, intervals=True)

    def _measure(self, embedding: str, setting: str) -> None:
        if embedding == PCA:
            own = Benchmarked.of(self.sample.before, self.plan, intervals=True)
        elif setting == CLEAN:
            own = self.clean
        else:
            several = self.arm[setting] in (RANDOM, *ALONG)
            own = Benchmarked.of(self.found.of(setting)[self.kept], self.plan, intervals=not several)
        key = {"sae_id": self.sae_id, "embedding": embedding, "setting": setting}
        against = self.clean if embedding == MODEL else None
        batches = self.cells["batch"].unique().sort().to_list()
        with self.out.unit(_unit(embedding if embedding == PCA else setting)) as unit:
            rows = metric_rows(own, against, self.settings.confidence)
            unit.table("integration_metric", table_frame("integration_metric", [{**key, **row} for row in rows]))
            rows = transfer_rows(own, batches, self.settings.confidence)
            unit.table("label_transfer", table_frame("label_transfer", [{**key, **row} for row in rows]))

    def _kept(self, cells: pl.DataFrame) -> NDArray[np.bool_]:
        """Which embedded cells take part, [n]. Raises RequestError if there are too few."""
        known = cells["label"].is_not_null() & cells["batch"].is_not_null()
        sizes = cells.filter(known).group_by("label").len()
        rare = sizes.filter(pl.col("len") < self.settings.min_cells).sort("label")["label"].to_list()
        kept = (known & ~cells["label"].is_in(rare).fill_null(value=False)).to_numpy()
        if rare:
            notice(
                f"integration leaves out cell types of fewer than {self.settings.min_cells} embedded cells: "
                f"{', '.join(rare)}"
            )
        needed = 1 + max(self.settings.cluster_neighbours, self.settings.kbet_neighbours, self.settings.lisi_neighbours)
        if kept.sum() < needed:
            raise RequestError(
                f"integration looks at {needed - 1} neighbours, and {int(kept.sum())} of {len(kept)} embedded cells "
                f"have a batch and a cell type of {self.settings.min_cells} cells: raise shift.n_cells or cells.n, or "
                f"lower integration.lisi_neighbours and integration.kbet_neighbours"
            )
        return kept


def _unit(name: str) -> str:
    return f"embedding-{name}"
