"""The work of step ``responses``: every perturbation of a screen against control cells of its line and batch.

1. Labels of all cells (``labels``): perturbation, line, batch, control or not.
2. One pass over the counts (``sums``), a slice of cells at a time.
3. Log folds with errors, p and q of every gene with enough counts (``folds``), a unit for some perturbations each.

A perturbation without enough cells beside control cells has its row and says why; nothing is measured of it. What
stands against control cells of other batches or lines is left out, and never pooled.
"""

from collections.abc import Iterator
from itertools import islice

import polars as pl

from tasks.analyses.responses.frames import Row, response_rows
from tasks.analyses.responses.labels import CellLabels, label_cells
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.responses.sums import ScreenSums, sum_screen
from tasks.cells.files import CellFiles
from tasks.cells.settings import CellsSettings
from tasks.cells.sources import find_files
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

AT_ONCE = 64  # perturbations of a unit: half a million rows where 8,000 genes are measured
DONE = "summary"


def measure_responses(settings: ResponsesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill both tables. Raises RequestError for a file, columns or labels that cannot be used."""
    if not out.has(DONE):
        reading = settings.reading(inputs.sections.of(CellsSettings))
        with CellFiles.open(find_files(reading.paths), reading) as files:
            labels = label_cells(files, settings)
            sums = sum_screen(files, labels, files.n_genes)
            genes = files.genes.frame
        _write(settings, labels, sums, genes, out)
    rows = out.read_table("perturbation")
    measured = rows.filter(pl.col("n_measured") > 0)
    return {
        "n_perturbations": rows.height,
        "n_measured": measured.height,
        "n_cells": int(rows["n_cells"].sum()),
        "lines": sorted(set(rows["line"])),
    }


def _write(
    settings: ResponsesSettings, labels: CellLabels, sums: ScreenSums, genes: pl.DataFrame, out: StepFolder
) -> None:
    found = response_rows(settings, labels, sums, genes)
    number = 0
    while rows := list(islice(found, AT_ONCE)):
        if not out.has(f"{number:05d}"):
            with out.unit(f"{number:05d}") as unit:
                unit.table("perturbation", table_frame("perturbation", [row for row, _ in rows]))
                unit.table("perturbation_response", _joined(rows))
        number += 1
    with out.unit(DONE):
        pass


def _joined(rows: list[tuple[Row, pl.DataFrame | None]]) -> pl.DataFrame:
    frames: Iterator[pl.DataFrame] = (frame for _, frame in rows if frame is not None)
    return pl.concat([table_frame("perturbation_response", []), *frames])
