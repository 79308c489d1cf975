"""What the step reads, and what is wrong with a request that the settings alone do not show."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.analyses.intervene.sections import InterventionSettings
from tasks.analyses.intervene.step import PREDICTED, InterveneSettings
from tasks.causal.inputs import check_fit, draw_cells
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.codes.reader import CodesReader
from tasks.interventions.change import Change
from tasks.interventions.readout import require_predictions
from tasks.models import Adapter, load_prepared
from tasks.models.batches import Batch
from tasks.sae import Sae, load_sae
from tasks.step import Inputs
from tasks.store import RequestError

Place = tuple[int, int]  # layer and feature


@dataclass(frozen=True)
class Intervention:
    """A named intervention: changes by layer and feature; ``matched`` stands for each in control frequency_matched."""

    name: str
    changes: tuple[Change, ...]
    matched: dict[Place, int]

    @property
    def first(self) -> int:
        """The first layer at which something is changed."""
        return min(one.layer for one in self.changes)


@dataclass(frozen=True)
class InterveneInputs:
    """``cells``: batches of one by cell_id; ``tokens``: by gene of read-out gene, as the study calls it."""

    adapter: Adapter
    encoders: dict[int, TiledEncoder]
    interventions: list[Intervention]
    cells: dict[int, Batch]
    tokens: dict[str, int]


def load_inputs(settings: InterveneSettings, inputs: Inputs) -> InterveneInputs:
    """Load what interventions need. Raises RequestError for a bad request."""
    adapter, reader = load_prepared(inputs.folder("model"), inputs.device), CellsReader(inputs.folder("cells"))
    if PREDICTED & set(settings.readouts):
        require_predictions(adapter, "intervene")
    wanted = sorted({*settings.source_layers, *(one.layer for one in settings.read_features)})
    saes = {layer: load_sae(inputs.layers("sae")[layer], inputs.device) for layer in wanted}
    for layer, sae in saes.items():
        check_fit(sae, layer, adapter)
    for each in settings.interventions:
        for layer, one in each.placed:
            _require(saes[layer], one.feature, f"intervene.interventions: {each.name}")
    for read in settings.read_features:
        _require(saes[read.layer], read.feature, "intervene.read_features:")
    codes = inputs.layers("codes")
    return InterveneInputs(
        adapter,
        {layer: TiledEncoder(sae) for layer, sae in saes.items()},
        [resolve(each, codes) for each in settings.interventions],
        {at: cell.to(inputs.device) for at, cell in draw_cells(settings, reader).items()},
        tokens_of(settings.genes, reader, "genes"),
    )


def _require(sae: Sae, feature: int, what: str) -> None:
    if feature >= sae.n_features:
        raise RequestError(
            f"{what} names feature {feature} of layer {sae.layer}, whose autoencoder has features 0 to "
            f"{sae.n_features - 1}"
        )


def tokens_of(genes: tuple[str, ...], reader: CellsReader, setting: str) -> dict[str, int]:
    """Tokens of genes by symbol or id. Raises RequestError, naming the ``setting``, for one that the model lacks."""
    known = reader.genes().drop_nulls("token_id")
    by_name: dict[str, int] = {}
    for column in ("gene_id", "symbol"):
        by_name |= {name.upper(): token for name, token in reversed(known.select(column, "token_id").rows())}
    unknown = [gene for gene in genes if gene.upper() not in by_name]
    if unknown:
        raise RequestError(f"intervene.{setting}: the model does not know {unknown[0]}: name a gene of table gene")
    return {gene: by_name[gene.upper()] for gene in genes}


def resolve(each: InterventionSettings, codes: Mapping[int, Path]) -> Intervention:
    """The changes of an intervention in numbers. Raises RequestError for a quantile of a feature that never fires."""
    changes: list[Change] = []
    matched: dict[Place, int] = {}
    for layer in sorted({layer for layer, _ in each.placed}):
        reader, own = CodesReader(codes[layer]), [one for at, one in each.placed if at == layer]
        values = activations(reader, {one.feature for one in own if one.quantile is not None})
        for one in own:
            amount = 0.0 if one.amount is None else one.amount
            if one.quantile is not None:
                if not values[one.feature].size:
                    raise RequestError(
                        f"intervene.interventions: {each.name}: feature {one.feature} of layer {layer} never fires, "
                        f"so its activations have no quantile: give an amount"
                    )
                amount = float(np.quantile(values[one.feature], one.quantile))
            changes.append(Change(layer, one.feature, one.kind, amount))
        alike = firing_alike(reader.fire_counts(), [one.feature for one in own])
        matched |= {(layer, feature): other for feature, other in alike.items()}
    return Intervention(each.name, tuple(changes), matched)


def firing_alike(counts: np.ndarray, features: list[int]) -> dict[int, int]:
    """For each feature that fires, another one that fires at about as many positions; ``counts`` [F]."""
    others = np.setdiff1d(np.flatnonzero(counts), features)
    return {
        feature: int(others[np.argmin(np.abs(np.log(counts[others] / counts[feature])))])
        for feature in features
        if others.size and counts[feature]
    }


def activations(reader: CodesReader, features: set[int]) -> Mapping[int, np.ndarray]:
    """All activations above 0 of some features, in one pass."""
    parts: dict[int, list[np.ndarray]] = {feature: [] for feature in features}
    for firings in reader if features else ():
        for feature, found in parts.items():
            found.append(firings.value[firings.feature == feature])
    return {feature: np.concatenate([np.zeros(0, np.float32), *found]) for feature, found in parts.items()}
