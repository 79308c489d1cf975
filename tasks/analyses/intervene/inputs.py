"""What the step reads, and what is wrong with a request that the settings alone do not show."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.analyses.intervene.step import PREDICTED, InterveneSettings, InterventionSettings
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


@dataclass(frozen=True)
class Intervention:
    """A named intervention of one layer; ``matched``: the feature that stands for each in control frequency_matched."""

    name: str
    layer: int
    changes: tuple[Change, ...]
    matched: dict[int, int]


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
        for one in each.changes:
            _require(saes[each.layer], one.feature, f"intervene.interventions: {each.name}")
    for read in settings.read_features:
        _require(saes[read.layer], read.feature, "intervene.read_features:")
    codes = inputs.layers("codes")
    return InterveneInputs(
        adapter,
        {layer: TiledEncoder(sae) for layer, sae in saes.items()},
        [resolve(each, codes[each.layer]) for each in settings.interventions],
        {at: cell.to(inputs.device) for at, cell in draw_cells(settings, reader).items()},
        _tokens(settings.genes, reader),
    )


def _require(sae: Sae, feature: int, what: str) -> None:
    if feature >= sae.n_features:
        raise RequestError(
            f"{what} names feature {feature} of layer {sae.layer}, whose autoencoder has features 0 to "
            f"{sae.n_features - 1}"
        )


def _tokens(genes: tuple[str, ...], reader: CellsReader) -> dict[str, int]:
    known = reader.genes().drop_nulls("token_id")
    by_name: dict[str, int] = {}
    for column in ("gene_id", "symbol"):
        by_name |= {name.upper(): token for name, token in reversed(known.select(column, "token_id").rows())}
    unknown = [gene for gene in genes if gene.upper() not in by_name]
    if unknown:
        raise RequestError(f"intervene.genes: the model does not know {unknown[0]}: name a gene of table gene")
    return {gene: by_name[gene.upper()] for gene in genes}


def resolve(each: InterventionSettings, codes: Path) -> Intervention:
    """The changes of an intervention in numbers. Raises RequestError for a quantile of a feature that never fires."""
    reader = CodesReader(codes)
    counts, own = reader.fire_counts(), [one.feature for one in each.changes]
    wanted = {one.feature for one in each.changes if one.quantile is not None}
    values = activations(reader, wanted)
    changes = []
    for one in each.changes:
        amount = 0.0 if one.amount is None else one.amount
        if one.quantile is not None:
            if not values[one.feature].size:
                raise RequestError(
                    f"intervene.interventions: {each.name}: feature {one.feature} of layer {each.layer} never fires, "
                    f"so its activations have no quantile: give an amount"
                )
            amount = float(np.quantile(values[one.feature], one.quantile))
        changes.append(Change(each.layer, one.feature, one.kind, amount))
    others = np.setdiff1d(np.flatnonzero(counts), own)
    matched = {
        feature: int(others[np.argmin(np.abs(np.log(counts[others] / counts[feature])))])
        for feature in own
        if others.size and counts[feature]
    }
    return Intervention(each.name, each.layer, tuple(changes), matched)


def activations(reader: CodesReader, features: set[int]) -> Mapping[int, np.ndarray]:
    """All activations above 0 of some features, in one pass."""
    parts: dict[int, list[np.ndarray]] = {feature: [] for feature in features}
    for firings in reader if features else ():
        for feature, found in parts.items():
            found.append(firings.value[firings.feature == feature])
    return {feature: np.concatenate([np.zeros(0, np.float32), *found]) for feature, found in parts.items()}
