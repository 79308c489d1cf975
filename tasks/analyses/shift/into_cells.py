"""Embeddings before and after features are changed, in a copy of the user's own .h5ad file.

obsm   ``X_scfm_clean`` and ``X_scfm_<setting>``, float32 [n_cells, e], in the order of the file's cells
uns    ``scfm_shift``: the run, its study, and for every array its layer, autoencoder and what was changed

Cells that were not embedded have NaN. Everything else in the copy is as in the file, which is only read.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.shift.conditions import CLEAN, FEATURE
from tasks.analyses.shift.embeddings import open_embeddings
from tasks.codes.h5ad_copy import Additions, cell_names, copy_with
from tasks.codes.into_cells import RunFeatures, match_cells
from tasks.store import RequestError, StepFolder

SHOWN = 4
PREFIX = "X_scfm_"


@dataclass(frozen=True)
class WrittenEmbeddings:
    """What was written: ``names`` of settings; ``n_with`` of ``n_cells`` cells have embeddings."""

    run_id: str
    names: list[str]
    n_cells: int
    n_with: int


def write_embeddings(
    cells: Path, out: Path, run: RunFeatures, names: Sequence[str], layer: int | None
) -> WrittenEmbeddings:
    """Write embeddings into a copy of the file ``cells``: the clean one, and those of the settings ``names``.

    No names: all settings with chosen features. Raises RequestError for a run, layer or setting that is not there, a
    file that cannot be extended, and one with cells that the run does not know.
    """
    if out.exists() and cells.exists() and os.path.samefile(cells, out):
        raise RequestError(f"--out is the file itself, which is never changed: give another name than {cells}")
    folder = _shift_folder(run, layer)
    settings = folder.read_table("shift_setting").sort("place")
    chosen = _choose(settings, names)
    rows = match_cells(cell_names(cells), cells, run)
    found = open_embeddings(folder.path)
    place = np.full(int(max(rows.max(initial=0), found.cell_id.max())) + 1, -1, dtype=np.int64)
    place[found.cell_id] = np.arange(found.cell_id.size)
    used = place[rows]
    arrays = {}
    for name in chosen["setting"]:
        values = np.full((len(rows), found.values.shape[2]), np.nan, dtype=np.float32)
        values[used >= 0] = found.values[used[used >= 0], found.names.index(name)]
        arrays[f"{PREFIX}{name}"] = values
    copy_with(cells, out, Additions(arrays, {"scfm_shift": _about(run, folder, chosen)}))
    return WrittenEmbeddings(str(run.run["run_id"]), chosen["setting"].to_list(), len(rows), int((used >= 0).sum()))


def _shift_folder(run: RunFeatures, layer: int | None) -> StepFolder:
    known = sorted(at for step, at in run.folders if step == "shift" and at is not None)
    if not known:
        raise RequestError(f"run {run.run['run_id']} kept no embeddings: set shift.wanted = true in its study")
    listed = ", ".join(map(str, known))
    if layer is None and len(known) > 1:
        raise RequestError(f"run {run.run['run_id']} changed features of layers {listed}: choose one with --layer")
    if layer is not None and layer not in known:
        raise RequestError(f"--layer: run {run.run['run_id']} changed no features of layer {layer}, but of {listed}")
    path = run.folders["shift", known[0] if layer is None else layer]
    if not path.is_dir():
        raise RequestError(f"run {run.run['run_id']}: {path} is not here any more: run the study again")
    return StepFolder.open(path)


def _choose(settings: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    known = settings["setting"].to_list()
    unknown = [name for name in names if name not in known]
    if unknown:
        some = [name for name in known if name not in (CLEAN,)][:SHOWN]
        raise RequestError(f"--embeddings: no setting {unknown[0]}; table shift_setting has {', '.join(some)} ...")
    wanted = pl.col("setting").is_in(list(names)) if names else pl.col("arm") == FEATURE
    return settings.filter((pl.col("setting") == CLEAN) | wanted)


def _about(run: RunFeatures, folder: StepFolder, chosen: pl.DataFrame) -> dict[str, Any]:
    about: dict[str, Any] = {name: str(run.run[name]) for name in ("run_id", "study", "title")}
    about |= {"sae_id": str(folder.info["sae_id"]), "layer": int(folder.info["layer"])}
    about["obsm"] = np.array([f"{PREFIX}{name}" for name in chosen["setting"]], dtype=object)
    texts = {name: chosen[name].to_numpy().astype(object) for name in ("selector", "arm", "mode")}
    numbers = {"value": chosen["value"].to_numpy(), "n_features": chosen["n_features"].to_numpy().astype(np.int64)}
    return {**about, **texts, **numbers, "missing": "NaN: the run did not embed the cell"}
