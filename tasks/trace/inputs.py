"""What one source layer's trace reads: the model, the autoencoders, the cells; and what is wrong with a request."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from tasks.cells.reader import CellsReader
from tasks.models import Adapter, load_prepared
from tasks.models.batches import Batch, one_cell
from tasks.sae import Sae, load_frequencies, load_sae
from tasks.store import RequestError
from tasks.trace.settings import TraceSettings


@dataclass(frozen=True)
class TraceInputs:
    """Everything a trace reads. ``cells`` maps cell_id, ascending, to the cell as a batch of one.

    ``traced`` int64, ascending: the source features that are frequent enough to be traced; None: all. ``copies`` are
    on further devices.
    """

    adapter: Adapter
    source: Sae
    targets: dict[int, Sae]
    cells: dict[int, Batch]
    traced: Tensor | None = None
    copies: tuple["Replica", ...] = ()

    @property
    def replicas(self) -> list["Replica"]:
        """Model and target autoencoders on every device that shares the work, the first one first."""
        return [Replica(self.adapter, self.targets), *self.copies]


@dataclass(frozen=True)
class Replica:
    """The model and the target layers' autoencoders on one device."""

    adapter: Adapter
    targets: dict[int, Sae]


def load_inputs(
    settings: TraceSettings, layer: int, saes: dict[int, Path], model: Path, cells: Path, device: str
) -> TraceInputs:
    """Load what tracing ``layer`` needs; ``saes`` maps layers to step folders. Raises RequestError for a bad one."""
    if layer not in saes:
        raise RequestError(
            f"source layer {layer} has no autoencoder (layers {_listed(saes)} have): add it to sae.layers"
        )
    targets = choose_targets(settings.target_layers, layer, list(saes))
    first, *others = sharing_devices(settings.devices, device)
    source = load_sae(saes[layer], first)
    here, *copies = (
        Replica(load_prepared(model, each), {at: load_sae(saes[at], each) for at in targets})
        for each in (first, *others)
    )
    here.adapter.block(layer)  # a model whose blocks run only as a whole is refused before anything is computed
    for at, sae in {layer: source, **here.targets}.items():
        check_fit(sae, at, here.adapter)
    drawn = {cell_id: cell.to(first) for cell_id, cell in draw_cells(settings, CellsReader(cells)).items()}
    traced = frequent_features(saes[layer], settings.min_frequency) if settings.min_frequency else None
    return TraceInputs(here.adapter, source, here.targets, drawn, traced, tuple(copies))


def sharing_devices(named: tuple[str, ...], device: str) -> list[str]:
    """The named devices, or the study's if none are. Raises RequestError for one of another kind, or not there."""
    for each in named:
        kind, _, number = each.partition(":")
        if kind != device:
            raise RequestError(f"trace.devices names {each}, the study runs on {device}: name devices of that kind")
        if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
            raise RequestError(f"trace.devices names {each}, there are {torch.cuda.device_count()}: leave it out")
    return list(named) or [device]


def choose_targets(wanted: Literal["all", "next"] | list[int], source: int, available: list[int]) -> list[int]:
    """Target layers of a source layer, ascending; a named layer at or before the source is for another source."""
    later = sorted(each for each in available if each > source)
    named = {"all": later, "next": later[:1]}
    chosen = named[wanted] if isinstance(wanted, str) else sorted({each for each in wanted if each > source})
    missing = sorted(set(chosen) - set(later))
    if missing:
        raise RequestError(f"target layers {_listed(missing)} have no autoencoder: add them to sae.layers")
    if not chosen:
        raise RequestError(f"no target layer follows source layer {source}: train an autoencoder on a later layer")
    return chosen


class CellChoice(Protocol):
    """Which cells are measured: what the settings of a step say of it."""

    @property
    def n_cells(self) -> int:
        """At most so many."""

    @property
    def cells_split(self) -> Literal["train", "heldout", "all"]:
        """Of this split."""

    @property
    def cells_draw(self) -> Literal["seeded", "first"]:
        """In this order."""

    @property
    def seed(self) -> int:
        """Of the order."""


def draw_cells(settings: CellChoice, reader: CellsReader) -> dict[int, Batch]:
    """``n_cells`` chosen cells of the split as batches of one, drawn by seed or the first; all if there are fewer."""
    table, wanted = reader.cells(), settings.cells_split
    eligible = (table if wanted == "all" else table.filter(table["split"] == wanted))["cell_id"].to_numpy()
    if len(eligible) < 2:
        of_split = "" if wanted == "all" else f" {wanted}"
        raise RequestError(f"{len(eligible)} chosen{of_split} cells, tracing needs 2: choose more cells (cells.n)")
    if settings.cells_draw == "seeded":
        eligible = np.random.default_rng(settings.seed).permutation(eligible)
    drawn = set(eligible[: settings.n_cells].tolist())
    tokens = reader.tokens()
    places = [place for place, cell in enumerate(tokens.cell_id.tolist()) if cell in drawn]
    return {int(tokens.cell_id[place]): one_cell(tokens, place) for place in places}


def frequent_features(folder: Path, min_frequency: float) -> Tensor:
    """Features int64, ascending, that fire at a share of at least ``min_frequency`` of an autoencoder's positions.

    ``folder`` is the autoencoder's step folder. Raises RequestError if no feature does.
    """
    frequent = (load_frequencies(folder) >= min_frequency).nonzero().flatten()
    if not len(frequent):
        raise RequestError(
            f"no feature of {folder} fires at {min_frequency} of its positions: lower trace.min_frequency"
        )
    return frequent


def check_fit(sae: Sae, layer: int, adapter: Adapter) -> None:
    """Raise RequestError if an autoencoder does not read ``layer`` of this model."""
    info = adapter.info
    if layer >= info.n_layers:
        raise RequestError(f"layer {layer} does not exist: {info.name} has layers 0 to {info.n_layers - 1}")
    if (sae.layer, sae.d_model) != (layer, info.d_model):
        raise RequestError(
            f"{sae.sae_id} reads layer {sae.layer} of width {sae.d_model}, wanted is layer {layer} of {info.name}, "
            f"width {info.d_model}: train an autoencoder on it"
        )


def _listed(layers: dict[int, Path] | list[int]) -> str:
    return ", ".join(map(str, sorted(layers)))
