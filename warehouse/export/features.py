"""What is needed to show features of a run in cells: the run, its features, and the folders of its steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.export.contents import chosen_run
from warehouse.home import runs_folder
from warehouse.reading import open_snapshot
from warehouse.sql import statement


@dataclass(frozen=True)
class RunFeatures:
    """``features``: rows of table feature with a ``name`` (L2_F17); ``folders``: by step and layer, or None."""

    run: dict[str, Any]
    features: pl.DataFrame
    folders: dict[tuple[str, int | None], Path]


def features_of_run(home: Path, run_id: str | None) -> RunFeatures:
    """A published run, the newest one made here if ``run_id`` is None. Raises UnknownName, NoWarehouse."""
    with open_snapshot(home) as con:
        run = chosen_run(con, run_id)
        parameters = {"run_id": run["run_id"]}
        features = con.execute(statement("export_features"), parameters).pl()
        steps = con.execute(statement("export_steps"), parameters).fetchall()
    folders = {(step, layer): runs_folder(home) / folder for step, layer, folder in steps}
    return RunFeatures(run, features, folders)
