"""What one source layer's trace reads: the model, the autoencoders, the cells; and what is wrong with a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
import torch
from torch import Tensor

from tasks.causal.inputs import Replica, check_fit
from tasks.cells.reader import CellsReader
from tasks.codes.reader import CodesReader
from tasks.models import Adapter, load_prepared
from tasks.models.batches import Batch
from tasks.models.device import sharing_devices
from tasks.sae import Sae, load_sae
from tasks.store import RequestError, StepFolder
from tasks.trace.selection import read_catalogue
from tasks.trace.settings import TraceSettings
from tasks.trace.units import Units, draw_with_units


@dataclass(frozen=True)
class TraceInputs:
    """Everything a trace reads. ``cells`` maps cell_id, ascending, to the cell as a batch of one.

    ``traced`` int64, ascending: the source features that are frequent enough to be traced; None: all. ``copies`` are
    on further devices. ``units``: what the cells were taken from, None where each stands for itself. ``catalogue``:
    what is known of the source's features, where they are chosen by it (``selection.CATALOGUE``).
    """

    adapter: Adapter
    source: Sae
    targets: dict[int, Sae]
    cells: dict[int, Batch]
    traced: Tensor | None = None
    copies: tuple["Replica", ...] = ()
    units: Units | None = None
    catalogue: pl.DataFrame | None = None

    @property
    def replicas(self) -> list["Replica"]:
        """Model and target autoencoders on every device that shares the work, the first one first."""
        return [Replica(self.adapter, self.targets), *self.copies]


def load_inputs(
    settings: TraceSettings,
    layer: int,
    saes: dict[int, Path],
    model: Path,
    cells: Path,
    known: Mapping[str, Path],
    device: str,
) -> TraceInputs:
    """Load what tracing ``layer`` needs.

    ``saes`` maps layers to step folders; ``known``: folders of the source layer by step, codes where ``min_frequency``
    is set, describe where ``sources`` chooses by what is known of features. Raises RequestError for a bad request.
    """
    if layer not in saes:
        raise RequestError(
            f"source layer {layer} has no autoencoder (layers {_listed(saes)} have): add it to sae.layers"
        )
    targets = choose_targets(settings.target_layers, layer, list(saes))
    drawn, units = draw_with_units(settings, CellsReader(cells))
    first, *others = sharing_devices(settings.devices, device, "trace.devices")
    source = load_sae(saes[layer], first)
    here, *copies = (
        Replica(load_prepared(model, each), {at: load_sae(saes[at], each) for at in targets})
        for each in (first, *others)
    )
    here.adapter.block(layer)  # a model whose blocks run only as a whole is refused before anything is computed
    for at, sae in {layer: source, **here.targets}.items():
        check_fit(sae, at, here.adapter)
    there = {cell_id: cell.to(first) for cell_id, cell in drawn.items()}
    traced = frequent_features(known["codes"], settings.min_frequency) if "codes" in known else None
    catalogue = read_catalogue(StepFolder.open(known["describe"])) if "describe" in known else None
    return TraceInputs(here.adapter, source, here.targets, there, traced, tuple(copies), units, catalogue)


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


def frequent_features(folder: Path, min_frequency: float) -> Tensor:
    """Features int64, ascending, that fire at a share of at least ``min_frequency`` of an autoencoder's positions.

    ``folder`` holds the autoencoder's codes. Raises RequestError if no feature does.
    """
    codes = CodesReader(folder)
    frequent = torch.from_numpy(codes.frequencies() >= min_frequency).nonzero().flatten()
    if not len(frequent):
        raise RequestError(
            f"no feature of {codes.sae_id} fires at {min_frequency} of its positions: lower trace.min_frequency"
        )
    return frequent


def _listed(layers: dict[int, Path] | list[int]) -> str:
    return ", ".join(map(str, sorted(layers)))
