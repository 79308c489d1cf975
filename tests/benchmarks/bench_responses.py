"""Responses of a large Perturb-seq screen: one pass over its cells in bounded memory, then a fold for each gene.

Sparse counts are made as they are read, a slice at a time, so that the figures are those of the sums and not of a disk.
The obvious way holds all counts of a perturbation at once; it is done for two of them, and gives the same sums.
"""

import argparse
import time
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.responses.folds import Controls, fold_of
from tasks.analyses.responses.labels import CONTROL, CellLabels
from tasks.analyses.responses.sums import sum_screen
from tests.benchmarks.machine import machine, machine_line, peak_gib

CONTROL_SHARE, BATCHES, MIN_COUNTS = 0.06, 48, 10.0
POOL = 4096  # different cells, of which all are copies


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cells", type=int, default=650_000)
    parser.add_argument("--genes", type=int, default=8000)
    parser.add_argument("--per-cell", type=int, default=2000, help="genes that a cell expresses")
    parser.add_argument("--perturbations", type=int, default=2000)


class Invented:
    """A screen whose cells are copies of a few, by their number."""

    def __init__(self, n_genes: int, per_cell: int) -> None:
        rng = np.random.default_rng(0)
        columns = np.concatenate([np.sort(rng.choice(n_genes, per_cell, replace=False)) for _ in range(POOL)])
        data = 1 + rng.poisson(0.7, POOL * per_cell)
        self._cells = csr_matrix(
            (data.astype(np.float32), columns.astype(np.int32), np.arange(POOL + 1) * per_cell), shape=(POOL, n_genes)
        )

    def rows(self, wanted: np.ndarray) -> csr_matrix:
        return csr_matrix(self._cells[wanted % POOL])


def invented_labels(n_cells: int, n_perturbations: int) -> CellLabels:
    rng = np.random.default_rng(1)
    perturbation = rng.integers(0, n_perturbations, n_cells)
    perturbation[rng.random(n_cells) < CONTROL_SHARE] = CONTROL
    names, batches = [f"G{i:05d}" for i in range(n_perturbations)], [f"b{i:02d}" for i in range(BATCHES)]
    line = np.zeros(n_cells, dtype=np.int64)
    return CellLabels(perturbation, line, rng.integers(0, BATCHES, n_cells), names, ["all"], batches, None)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    source, labels = (
        Invented(arguments.genes, arguments.per_cell),
        invented_labels(arguments.cells, arguments.perturbations),
    )
    began = time.perf_counter()
    sums = sum_screen(source, labels, arguments.genes)
    summed = time.perf_counter() - began
    controls, began = Controls.of(sums.control), time.perf_counter()
    p = [fold_of(sums, controls, group, MIN_COUNTS).p for group in range(len(sums.groups))]
    folded = time.perf_counter() - began
    return {
        "machine": machine(),
        "cells": arguments.cells,
        "genes": arguments.genes,
        "perturbations": len(sums.groups),
        "sum_seconds": summed,
        "fold_seconds": folded,
        "below_005": float(np.mean([np.nanmean(one < 0.05) for one in p if np.isfinite(one).any()] or [np.nan])),
        "sums_agree": all(_agrees(sums.perturbed.counts[group], source, labels, group) for group in (0, 1)),
        "peak_gib": peak_gib(),
    }


def _agrees(found: np.ndarray, source: Invented, labels: CellLabels, group: int) -> bool:
    own = np.flatnonzero(labels.perturbation == group)
    controls = np.bincount(labels.stratum[labels.perturbation == CONTROL], minlength=BATCHES)
    own = own[controls[labels.stratum[own]] >= 2]
    return bool(np.array_equal(np.asarray(source.rows(own).sum(axis=0, dtype=np.float64)).ravel(), found))


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['cells']:,} cells x {figures['genes']:,} genes, {figures['perturbations']:,} perturbations",
            f"one pass: {figures['sum_seconds']:.0f} s; folds: {figures['fold_seconds']:.0f} s; at most "
            f"{figures['peak_gib']:.1f} GiB",
            f"no perturbation does anything here: {figures['below_005']:.3f} of p are below 0.05; sums agree with "
            f"those of whole perturbations: {figures['sums_agree']}",
        ]
    )
