"""Finished step folders for ``labels``: those of ``describe`` with obs columns, counts and a split of their cells.

Cells 0, 3, 6, ... are T cells, on which the even ones of the first features fire; donors and batches alternate; every
gene of a cell has a count that grows with the cell's number, and genes where feature 1 fires have more.
"""

from pathlib import Path

import numpy as np
import polars as pl
from safetensors.numpy import save_file

from tasks.cells.reader import COUNTS_FILE, TISSUE
from tasks.describe.settings import DescribeSettings
from tasks.store import StepFolder
from tests.builders.describe import N_CELLS, N_GENES, PER_CELL, TYPES, World, gene_table, make_world, write_inputs
from tests.builders.steps import do_step

FOLDER = "cells-0123456789abcdef"
OF_LUNG = 9
DONORS, BATCHES = ("d1", "d2", "d3", "d4"), ("a", "b")


def obs_columns() -> dict[str, list[object]]:
    """The obs columns of all cells: text, or numbers, or None where a cell says nothing."""
    cells = range(N_CELLS)
    return {
        "donor": [DONORS[cell % 4] for cell in cells],
        "batch": [BATCHES[(cell // 7) % 2] for cell in cells],
        "disease": ["sick" if cell % 4 < 2 else "well" for cell in cells],
        "same": ["one" for _ in cells],
        "lone": [f"cell {cell}" for cell in cells],
        "nothing": [None for _ in cells],
        "blank": [float("nan") for _ in cells],
        "part": ["x" if cell % 5 == 0 else "y" if cell % 5 < 3 else None for cell in cells],
        "cluster": [float(cell % 3) for cell in cells],
        "score": [cell / 7 for cell in cells],
        "tall": [str(cell % 2 == 0).lower() for cell in cells],
    }


def _tissues() -> list[object]:
    """Cells from the lung are the tenth in which feature ``OF_LUNG`` is most active where it fires."""
    world = make_world()
    codes = world.codes[:, OF_LUNG]
    fires = np.maximum(np.bincount(world.cell, codes > 0, N_CELLS), 1)
    mean = np.bincount(world.cell, codes, N_CELLS) / fires
    lung = set(np.argsort(-mean, kind="stable")[: N_CELLS // 10].tolist())
    return ["lung" if cell in lung else "blood" if cell % 5 else None for cell in range(N_CELLS)]


def write_labelled(
    root: Path, world: World | None = None, columns: tuple[str, ...] = ("donor", "batch", "disease")
) -> dict[str, Path]:
    """Folders of all steps that ``labels`` reads, by name; ``columns``: those of ``obs_columns`` that are kept, or
    tissue."""
    world = world or make_world()
    folders = write_inputs(root, world)
    plain = StepFolder.open(folders["cells"]).read_table("cell")
    label = [TYPES[cell % 3] for cell in range(N_CELLS)]
    split = ["heldout" if cell % 4 == 3 else "train" for cell in range(N_CELLS)]
    cells = plain.with_columns(
        label=pl.Series(label), split=pl.Series(split), n_tokens=pl.Series([PER_CELL + c % 11 for c in range(N_CELLS)])
    )
    folders["cells"] = root / "labelled" / FOLDER
    with StepFolder.create(folders["cells"]) as out:
        with out.unit("cells") as unit:
            unit.table("cell", cells)
            unit.table("gene", gene_table())
            if columns:
                said = {**obs_columns(), TISSUE: _tissues()}
                unit.table("cell_obs", pl.concat([_obs(name, said[name]) for name in columns]))
            with unit.file(COUNTS_FILE) as path:
                save_file(_counts(world), path)
        out.finish(n_genes=N_GENES, obs={"label": "cell_type"})
    settings = DescribeSettings(min_fire=5, shrinkage=5.0, null_draws=2)
    folders["describe"] = do_step("describe", settings, root / "describe-0123456789abcdef", **folders)
    return folders


def _obs(name: str, values: list[object]) -> pl.DataFrame:
    numbers = any(isinstance(value, float) for value in values)
    kind = "number" if numbers else "boolean" if set(values) == {"true", "false"} else "category"
    text, number = ([None] * N_CELLS, values) if numbers else (values, [None] * N_CELLS)
    return pl.DataFrame(
        {
            "cell_id": pl.Series(range(N_CELLS), dtype=pl.UInt32),
            "key": [name] * N_CELLS,
            "value": pl.Series(text, dtype=pl.String),
            "number": pl.Series(number, dtype=pl.Float64).fill_nan(None),
            "kind": [kind] * N_CELLS,
        }
    )


def _counts(world: World) -> dict[str, np.ndarray]:
    """Counts of each cell's genes, in the order of the gene table."""
    order = np.lexsort((world.gene, world.cell))
    fires = world.codes[:, 1] > 0
    data = 1 + (world.gene * 7 + world.cell * 3) % 5 + 6 * fires + world.cell // 20
    starts = np.arange(0, world.cell.size + 1, PER_CELL)
    return {
        "data": data[order].astype(np.float32),
        "indices": world.gene[order].astype(np.int32),
        "indptr": starts.astype(np.int64),
        "cell_id": np.arange(N_CELLS, dtype=np.uint32),
    }
