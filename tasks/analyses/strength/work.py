"""The work of step ``strength``.

1. How far every single knock-down moves cells of its line, by equally many cells (``distances``): table
   perturbation_shift.
2. The strength of features, from genes of their lists that were switched off: table feature_strength.
3. Whether it goes with their number of edges, by line, autoencoder and direction (``association``): table
   strength_test; q is Benjamini-Hochberg over all that are tested.

The published form drew all cells there were, of all lines, and took features for the units: with more cells a
knock-down seems stronger, and features that list the same genes agree by themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.domains.edges import StudyEdges, read_edges
from tasks.analyses.responses.labels import CONTROL, CellLabels, known_genes, label_cells
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.strength.association import Library, association, feature_weights
from tasks.analyses.strength.distances import draw_pairs, energy_distance, n_usable, states
from tasks.analyses.strength.step import StrengthSettings
from tasks.cells.files import CellFiles
from tasks.cells.settings import CellsSettings
from tasks.cells.sources import find_files
from tasks.statistics.fdr import correct_rows
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.validate.circuit import read_gene_lists
from tasks.validate.read import read_expression

Row = dict[str, Any]
SHIFTS, TESTS = "shifts", "tests"
AT_ONCE = 64  # perturbations of a unit
FEATURE = ["sae_id", "feature"]


def hold_against_strength(settings: StrengthSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill the three tables. Raises RequestError if the effect was not traced."""
    if not out.has(SHIFTS):
        _write_shifts(settings, inputs, out)
    if not out.has(TESTS):
        shifts = out.read_table("perturbation_shift").drop_nulls(["distance", "gene"])
        study = read_edges("strength", settings, inputs)
        described = [StepFolder.open(folder) for folder in inputs.layers("describe").values()]
        lists = read_gene_lists({str(one.info["sae_id"]): one.path for one in described}, settings.top_genes)
        with out.unit(TESTS) as unit:
            for table, frame in strength_tables(
                settings, study, lists, shifts, read_expression(inputs.folder("cells"))
            ):
                unit.table(table, frame)
    tests = out.read_table("strength_test")
    return {"n_tests": tests.height, "n_beyond_chance": tests.filter(pl.col("q") <= 0.05).height}


def _write_shifts(settings: StrengthSettings, inputs: Inputs, out: StepFolder) -> None:
    """Table perturbation_shift: every perturbation that step responses has, in its line; a unit for some of them."""
    columns, cells = inputs.sections.of(ResponsesSettings), inputs.sections.of(CellsSettings)
    known = StepFolder.open(inputs.folder("responses")).read_table("perturbation").sort("line", "perturbation")
    named = list(enumerate(known.select("line", "perturbation", "gene").to_dicts()))
    reading = columns.reading(cells)
    with CellFiles.open(find_files(reading.paths), reading) as files:
        labels, genes = label_cells(files, columns), known_genes(files)
        parts = [named[first : first + AT_ONCE] for first in range(0, len(named), AT_ONCE)]
        for place, part in enumerate(track(parts, "moving cells", len(parts), "part")):
            if not out.has(f"{place:05d}"):
                rows = [row | shift_of(settings, files, labels, genes, row, number) for number, row in part]
                with out.unit(f"{place:05d}") as unit:
                    unit.table("perturbation_shift", table_frame("perturbation_shift", rows))
    with out.unit(SHIFTS):
        pass


def shift_of(
    settings: StrengthSettings, files: CellFiles, labels: CellLabels, genes: Mapping[str, int], row: Row, number: int
) -> Row:
    """Columns of one perturbation; ``genes``: the column of every gene by name."""
    of_line = labels.line == labels.lines.index(row["line"])
    perturbed = np.flatnonzero(of_line & (labels.perturbation == labels.names.index(row["perturbation"])))
    control = np.flatnonzero(of_line & (labels.perturbation == CONTROL))
    usable = n_usable(labels.stratum[perturbed], labels.stratum[control])
    found: Row = {"n_cells": len(perturbed), "n_usable": usable}
    if usable < settings.n_cells:
        nothing = dict.fromkeys(("distance", "sd", "p"))
        few = f"{usable} cells with a control cell of their own in their line and batch, fewer than {settings.n_cells}"
        return found | nothing | {"n_drawn": 0, "reason": few}
    seed = [settings.seed, 1, number]
    x, y = draw_pairs(perturbed, control, labels.stratum, settings.n_cells, seed)
    order = np.argsort(np.concatenate([x, y]))
    counts = files.rows(np.concatenate([x, y])[order])[np.argsort(order)]
    own = [genes[name.upper()] for name in row["perturbation"].split("+") if name.upper() in genes]
    moved = states(counts, own)
    shift = energy_distance(moved[: len(x)], moved[len(x) :], settings.n_draws, seed)
    return found | {"n_drawn": len(x), "distance": shift.distance, "sd": shift.sd, "p": shift.p, "reason": None}


def strength_tables(
    settings: StrengthSettings,
    study: StudyEdges,
    lists: pl.DataFrame,
    shifts: pl.DataFrame,
    expression: dict[str, float],
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Tables feature_strength and strength_test; ``shifts``: line, gene, distance of measured single knock-downs."""
    degrees = study.degrees().join(study.features.select(*FEATURE, "frequency"), on=FEATURE, how="left")
    features, tests = [table_frame("feature_strength", [])], []
    for (line,), own in shifts.sort("line", "gene").group_by("line", maintain_order=True):
        by_gene = own.group_by(pl.col("gene").str.to_uppercase()).agg(pl.col("distance").mean())
        library = Library.of(dict(by_gene.iter_rows()), expression)
        known, weights = feature_weights(lists, library, settings.min_genes)
        strong = known.with_columns(line=pl.lit(line), strength=pl.Series(weights @ library.strength))
        features.append(strong.select(features[0].columns).cast(features[0].schema))
        about = known.with_row_index("row").join(degrees, on=FEATURE)
        for direction, sae_id in degrees.select("direction", "sae_id").unique().sort("direction", "sae_id").iter_rows():
            part = about.filter(direction=direction, sae_id=sae_id).sort("row")
            key = {"line": line, "effect": settings.effect, "criterion": study.criterion}
            key |= {"direction": direction, "sae_id": sae_id, "n_library": len(library.symbols)}
            tests.append(key | association(settings, weights[part["row"].to_numpy()], part, library))
    correct_rows(tests)
    yield "feature_strength", pl.concat(features)
    yield "strength_test", table_frame("strength_test", tests)
