"""A trial of a feature of a published run in one of its cells, from the folders of its steps."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl

from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.codes.into_cells import RunFeatures
from tasks.interventions.change import Change
from tasks.interventions.trial import try_change
from tasks.models import load_prepared
from tasks.models.batches import one_cell
from tasks.sae import load_sae
from tasks.store import RequestError, StepFolder

SHOWN = 3


@dataclass(frozen=True)
class Request:
    """``feature``: L2_F17; ``cell``: its id in table cell, None for the one in which the feature is strongest."""

    feature: str
    multiplier: float = 0.0
    cell: int | None = None
    seed: int = 0


def try_feature(run: RunFeatures, request: Request, device: str = "cpu") -> dict[str, Any]:
    """What ``trial`` finds, with names of run, cell and genes; numbers and texts alone.

    Raises RequestError for an unknown feature or cell, a multiplier that does not do, or a run whose model is not here.
    """
    _require_sense(request)
    model, cells = (step_folder(run, step, None) for step in ("model", "cells"))
    layer, feature = _named(run, request.feature)
    reader = CellsReader(cells)
    cell_id = _strongest(run, layer, feature) if request.cell is None else request.cell
    place = _place(reader.cells(), cell_id, run)
    adapter = load_prepared(model, device)
    saes = {at: load_sae(step_folder(run, "sae", at), device) for at in _layers_from(run, layer)}
    encoders = {at: TiledEncoder(sae) for at, sae in saes.items()}
    batch = one_cell(reader.tokens(), place).to(device)
    found = asdict(
        try_change(adapter, encoders, batch, Change(layer, feature, "scale", request.multiplier), request.seed)
    )
    if not all(map(isfinite, _numbers(found))):
        raise RequestError(
            f"times {request.multiplier:g}, the model gives no finite numbers: name a smaller multiplier"
        )
    found["genes"] = _with_symbols(found["genes"], reader.genes())
    asked = {"feature": request.feature, "multiplier": request.multiplier, "cell_id": cell_id}
    about = {"run_id": run.run["run_id"], "label": reader.cells()["label"][place], "predicts": adapter.predicts}
    return {**about, **asked, **found}


def _require_sense(request: Request) -> None:
    how = "0 takes the feature out, 2 doubles it"
    if request.multiplier == 1:
        raise RequestError(f"a multiplier of 1 changes nothing: {how}")
    if not isfinite(request.multiplier):
        raise RequestError(f"a multiplier of {request.multiplier:g} is no finite number: {how}")
    if request.seed < 0:
        raise RequestError(f"a seed of {request.seed} is below 0: name 0 or more")


def _numbers(found: object) -> Iterator[float]:
    """All numbers of an answer."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _numbers(one)
    elif isinstance(found, float):
        yield found


def step_folder(run: RunFeatures, step: str, layer: int | None) -> Path:
    """The folder of a step. Raises RequestError if it is not here."""
    folder = run.folders.get((step, layer))
    if folder is None:
        raise RequestError(
            f"run {run.run['run_id']} has no step {step} (was it imported?): name one that was made here"
        )
    if not folder.is_dir():
        raise RequestError(f"run {run.run['run_id']}: {folder} is not here any more: run the study again")
    return folder


def _named(run: RunFeatures, name: str) -> tuple[int, int]:
    """Layer and number of a feature like L2_F17, of the study's own autoencoders."""
    own = [str(StepFolder.open(step_folder(run, "sae", at)).info["sae_id"]) for at in _layers_from(run, 0)]
    kept = run.features.filter(pl.col("sae_id").is_in(own))
    found = kept.filter(pl.col("name") == name)
    if found.is_empty():
        raise RequestError(
            f"run {run.run['run_id']} has no feature {name}; names are like {', '.join(kept['name'].head(SHOWN))}"
        )
    return int(found["layer"][0]), int(found["feature"][0])


def _layers_from(run: RunFeatures, first: int) -> list[int]:
    return sorted(layer for step, layer in run.folders if step == "sae" and layer is not None and layer >= first)


def _strongest(run: RunFeatures, layer: int, feature: int) -> int:
    """The cell that has the feature's largest mean activation."""
    top = StepFolder.open(step_folder(run, "describe", layer)).read_table("feature_top_cell").filter(feature=feature)
    if top.is_empty():
        raise RequestError(f"L{layer}_F{feature} fires in no cell: choose another feature")
    return int(top.sort("rank")["cell_id"][0])


def _place(cells: pl.DataFrame, cell_id: int, run: RunFeatures) -> int:
    place = cells["cell_id"].index_of(cell_id)
    if place is None:
        raise RequestError(
            f"run {run.run['run_id']} did not use a cell {cell_id}: ids are those of table cell, "
            f"{', '.join(map(str, cells['cell_id'].head(SHOWN)))} and so on"
        )
    return int(place)


def _with_symbols(genes: list[Mapping[str, Any]], table: pl.DataFrame) -> list[dict[str, Any]]:
    symbols = dict(table.drop_nulls("token_id").select("token_id", "symbol").iter_rows())
    return [{"symbol": symbols.get(one["token"]), **one} for one in genes]
