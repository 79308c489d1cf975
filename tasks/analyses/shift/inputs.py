"""What the step reads, and what follows from it before any cell is embedded."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.intervene.inputs import activations
from tasks.analyses.shift.conditions import Condition, Traits, all_conditions
from tasks.analyses.shift.published_choice import PUBLISHED, published_choice
from tasks.analyses.shift.ranking import Choice, rank_features
from tasks.analyses.shift.roles import Roles, assign_roles
from tasks.analyses.shift.step import ShiftSettings, require_together
from tasks.causal.inputs import check_fit
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes, read_axes
from tasks.codes.of_cells import summarise_by_cell
from tasks.codes.reader import CodesReader
from tasks.models import Adapter, load_prepared
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch
from tasks.sae import Sae, load_sae
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder

STATES = 8  # cells whose states say how the layer's outputs vary


@dataclass(frozen=True)
class ShiftInputs:
    """The model, the layer's autoencoder, who does what, what is done, and cells as batches of one by cell_id.

    ``k``: features that are active on average, where codes of several cells are asked for together; else None.
    """

    adapter: Adapter
    encoder: TiledEncoder
    roles: Roles
    choices: list[Choice]
    traits: Traits
    conditions: list[Condition]
    cells: dict[int, Batch]
    k: int | None = None

    @torch.inference_mode()
    def states(self) -> list[Tensor]:
        """Outputs [S, d] of the layer in a few cells."""
        cells, adapter, layer = list(self.cells.values())[:STATES], self.adapter, self.encoder.sae.layer
        return [layer_output(adapter, cell, layer) for cell in cells]


def load_inputs(settings: ShiftSettings, inputs: Inputs) -> ShiftInputs:
    """Load what the step needs. Raises RequestError for a bad request."""
    layer = inputs.own_layer
    adapter = load_prepared(inputs.folder("model"), inputs.device)
    sae = load_sae(inputs.layers("sae")[layer], inputs.device)
    check_fit(sae, layer, adapter)
    k = _active_together(settings, sae, inputs.layers("sae")[layer])
    roles, cells = assign_roles(settings, CellsReader(inputs.folder("cells")))
    codes = CodesReader(inputs.layers("codes")[layer])
    axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
    activity = mean_activity(codes, axes, roles.cell_id)
    described = StepFolder.open(inputs.layers("describe")[layer])
    choices = [
        published_choice(one, settings, codes, axes, roles)
        if one in PUBLISHED
        else rank_features(one, settings, layer, activity, roles, described)
        for one in settings.selectors
    ]
    traits = _traits(codes, axes, activity, roles, sae)
    conditions = all_conditions(settings, choices, traits)
    traits = _with_ceilings(settings, traits, codes, conditions)
    batches = {cell_id: cell.to(inputs.device) for cell_id, cell in cells.items()}
    return ShiftInputs(adapter, TiledEncoder(sae), roles, choices, traits, conditions, batches, k)


def mean_activity(codes: CodesReader, axes: Axes, cell_id: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Mean activation of every feature in each of the cells ``cell_id`` [n]: [n, F]; 0 in one without positions."""
    found = np.zeros((len(cell_id), codes.n_features))
    rows = np.searchsorted(cell_id, axes.cell_id)
    found[rows] = summarise_by_cell(codes, axes, range(codes.n_features), "mean")
    return found


def _traits(codes: CodesReader, axes: Axes, activity: NDArray[np.float64], roles: Roles, sae: Sae) -> Traits:
    counts = codes.fire_counts()
    total = axes.cell_count @ activity[np.searchsorted(roles.cell_id, axes.cell_id)]
    mean = np.divide(total, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    n_cells = (activity[roles.chooses] > 0).sum(axis=0).astype(np.int64)
    unknown = np.full(len(counts), np.nan)
    return Traits(codes.frequencies(), mean, unknown, sae.decoder_norms.double().cpu().numpy(), n_cells)


def _with_ceilings(settings: ShiftSettings, traits: Traits, codes: CodesReader, conditions: list[Condition]) -> Traits:
    """With the quantile of activations, where active, of every feature that is changed.

    Raises RequestError where a feature that is never active is to be set at every gene: it has no such unit.
    """
    changed = {feature for one in conditions for feature in one.features}
    ceiling = traits.ceiling.copy()
    for feature, values in activations(codes, changed).items():
        if values.size:
            ceiling[feature] = np.quantile(values.astype(np.float64), settings.quantile)
    everywhere = {feature for one in conditions if one.mode == "clamp_all" for feature in one.features}
    if silent := [feature for feature in sorted(everywhere) if np.isnan(ceiling[feature])]:
        raise RequestError(
            f"shift.clamp_all: feature {silent[0]} is never active, so it has no quantile to be set to: leave it out "
            f"of the choice, or clamp_all"
        )
    return Traits(traits.frequency, traits.mean, ceiling, traits.norm, traits.n_cells)


def _active_together(settings: ShiftSettings, sae: Sae, folder: Path) -> int | None:
    """k of a batchtopk or matryoshka autoencoder, if codes together are asked for. Raises RequestError for another."""
    if not settings.published_together:
        return None
    require_together(sae.variant)
    k = StepFolder.open(folder).read_table("sae")["k"][0]
    if k is None:
        raise RequestError(
            f"shift.published_together: the files of {sae.sae_id} do not tell k, how many features are active on "
            f"average: name its values under shift.published"
        )
    return int(k)
