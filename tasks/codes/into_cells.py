"""A run's features in a copy of the user's own .h5ad file: one number per cell and feature.

obsm   ``scfm_mean`` or ``scfm_max``, float32 [n_cells, n_features]
obs    a column per feature that was named (``L2_F17``), by which scanpy and CELLxGENE colour cells
uns    ``scfm``: the run, its study, the summary, and for every column its layer, autoencoder, feature and label

Cells that the run did not use have NaN. Everything else in the copy is as in the file, which is only read.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import read_axes
from tasks.codes.h5ad_copy import Additions, cell_names, copy_with
from tasks.codes.of_cells import Summary, summarise_by_cell
from tasks.codes.reader import CodesReader
from tasks.store import RequestError, StepFolder

SHOWN = 3
MEANING = {
    "mean": "mean activation over the positions (genes) of the cell that the run kept, 0 where it does not fire",
    "max": "largest activation at any position (gene) of the cell that the run kept, 0 if it fires at none",
}


class RunFeatures(Protocol):
    """A run, its features with a ``name`` (L2_F17), and the folders of its steps by name and layer, or None."""

    @property
    def run(self) -> dict[str, Any]:
        """run_id, study and title."""

    @property
    def features(self) -> pl.DataFrame:
        """Rows of table feature."""

    @property
    def folders(self) -> dict[tuple[str, int | None], Path]:
        """Where the steps are."""


@dataclass(frozen=True)
class Chosen:
    """What is written: features, as rows of the run's, and how the positions of a cell are summarised."""

    features: pl.DataFrame
    summary: Summary


@dataclass(frozen=True)
class Written:
    """What was written: ``n_with`` of ``n_cells`` cells have values."""

    run_id: str
    n_features: int
    n_cells: int
    n_with: int


def write_into(
    cells: Path,
    out: Path,
    run: RunFeatures,
    names: Sequence[str],
    layer: int | None,
    summary: Summary,
) -> Written:
    """Write the features ``names``, or all living ones of ``layer``, into a copy of the file ``cells``.

    Raises RequestError for an unknown feature or layer, a file that cannot be extended, and one with cells that the run
    does not know.
    """
    if out.exists() and cells.exists() and os.path.samefile(cells, out):
        raise RequestError(f"--out is the file itself, which is never changed: give another name than {cells}")
    chosen = Chosen(_choose(run, names, layer), summary)
    rows = match_cells(cell_names(cells), cells, run)
    values = feature_values(run, chosen, rows)
    key = f"scfm_{summary}"
    columns = dict(zip(chosen.features["name"], values.T, strict=True)) if names else {}
    copy_with(cells, out, Additions({key: values}, {"scfm": _about(run, chosen, key)}, columns))
    with_values = int(np.isfinite(values[:, 0]).sum())
    return Written(str(run.run["run_id"]), values.shape[1], len(values), with_values)


def match_cells(barcodes: Sequence[str], path: Path, run: RunFeatures) -> NDArray[np.int64]:
    """The run's ``cell_id`` of every cell of a file, by name: [n_cells].

    Of several files of a run, the one with the same file name counts, if there is one. Raises RequestError if a cell
    is none of the run's, or if names do not tell cells apart and the file is not as the run saw it.
    """
    table = StepFolder.open(_folder(run, "cells", None)).read_table("cell").sort("cell_id")
    own = table.filter(source=path.name)
    table = table if own.is_empty() else own
    known, ids = table["barcode"].to_list(), table["cell_id"].to_numpy().astype(np.int64)
    if list(barcodes) == known:
        return ids
    id_of = dict(zip(known, ids.tolist(), strict=True))
    unknown = [name for name in barcodes if name not in id_of]
    if unknown:
        raise RequestError(
            f"{path}: {len(unknown):,} of its {len(barcodes):,} cells are none of run {run.run['run_id']} "
            f"({', '.join(unknown[:SHOWN])}): give the file that the run read, or a part of it"
        )
    if len(id_of) < len(known) or len(set(barcodes)) < len(barcodes):
        raise RequestError(f"{path}: several cells have one name, and their order is not the run's: make names unique")
    return np.array([id_of[name] for name in barcodes], dtype=np.int64)


def feature_values(run: RunFeatures, chosen: Chosen, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The chosen features in the cells ``rows`` (ids), NaN where the run did not use a cell: [n_cells, n_features]."""
    cells, activations = _folder(run, "cells", None), _folder(run, "activations", None)
    axes = read_axes(activations, cells)
    place = np.full(int(max(rows.max(initial=0), axes.cell_id.max())) + 1, -1, dtype=np.int64)
    place[axes.cell_id] = np.arange(axes.cell_id.size)
    used = place[rows]
    values = np.full((len(rows), chosen.features.height), np.nan, dtype=np.float32)
    for layer in chosen.features["layer"].unique().sort().to_list():
        columns = np.flatnonzero((chosen.features["layer"] == layer).to_numpy())
        features = chosen.features["feature"].gather(columns).to_list()
        of_cell = summarise_by_cell(CodesReader(_folder(run, "codes", layer)), axes, features, chosen.summary)
        values[np.ix_(used >= 0, columns)] = of_cell[used[used >= 0]]
    return values


def _choose(run: RunFeatures, names: Sequence[str], layer: int | None) -> pl.DataFrame:
    if not names and layer is None:
        raise RequestError("say which features: --features L2_F17 L2_F30, or --layer 2 for all that live there")
    kept = run.features.filter(pl.col("sae_id").is_in(_encoded(run)))
    if not names:
        kept = kept.filter((pl.col("layer") == layer) & pl.col("alive"))
        if kept.is_empty():
            raise RequestError(f"--layer: run {run.run['run_id']} has no living feature in layer {layer}")
        return kept
    unknown = sorted(set(names) - set(kept["name"]))
    if unknown:
        raise RequestError(
            f"--features: run {run.run['run_id']} has no {', '.join(unknown[:SHOWN])}; "
            f"names are like {', '.join(kept['name'].head(SHOWN))}"
        )
    return kept.filter(pl.col("name").is_in(list(names)))


def _encoded(run: RunFeatures) -> list[str]:
    """Autoencoders of which firings are kept. Raises RequestError if there is none."""
    folders = [folder for (step, _), folder in run.folders.items() if step == "codes"]
    if not folders:
        raise RequestError(f"run {run.run['run_id']} keeps no firings (was it imported?): name one that was made here")
    return [str(StepFolder.open(folder).info["sae_id"]) for folder in folders]


def _folder(run: RunFeatures, step: str, layer: int | None) -> Path:
    folder = run.folders.get((step, layer))
    if folder is None or not folder.is_dir():
        raise RequestError(f"run {run.run['run_id']}: the folder of step {step} is not there: run the study again")
    return folder


def _about(run: RunFeatures, chosen: Chosen, key: str) -> dict[str, Any]:
    about = {name: str(run.run[name]) for name in ("run_id", "study", "title")}
    texts = ("name", "sae_id", "label", "top_genes")
    numbers = ("layer", "feature")
    columns = chosen.features.with_columns(pl.col("label", "top_genes").cast(pl.String).fill_null(""))
    return {
        **about,
        "obsm": key,
        "summary": f"{chosen.summary}: {MEANING[chosen.summary]}; NaN: the run did not use the cell",
        **{name: columns[name].to_numpy().astype(object) for name in texts},
        **{name: columns[name].to_numpy().astype(np.int64) for name in numbers},
    }
