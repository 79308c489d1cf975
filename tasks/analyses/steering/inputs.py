"""What the step reads, and what is wrong with a request that the settings alone do not show."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tasks.analyses.steering.panel import Chosen, choose_panel
from tasks.analyses.steering.pseudotime import pseudotime
from tasks.analyses.steering.roles import Roles, assign_roles
from tasks.analyses.steering.step import SteeringSettings
from tasks.causal.inputs import check_fit, draw_cells, eligible_cells
from tasks.cells.reader import CellsReader
from tasks.codes.axes import read_axes
from tasks.codes.of_cells import summarise_by_cell
from tasks.codes.reader import CodesReader
from tasks.interventions.bank import Bank, Markers, Times, fit_bank
from tasks.interventions.kinds import BY_EMBEDDING
from tasks.interventions.states import States, clean_states
from tasks.models import Adapter, load_prepared
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch, one_cell
from tasks.sae import Sae, load_sae
from tasks.step import Inputs
from tasks.store import RequestError

SHUFFLE_STREAM, MARKER_STREAM = 7, 8  # of the seed
STATES = 8  # cells whose states say how a layer's outputs vary


@dataclass(frozen=True)
class SteeringInputs:
    """The model, autoencoders by layer, who does what, the panel, and early cells as batches of one by cell_id."""

    adapter: Adapter
    saes: dict[int, Sae]
    reader: CellsReader
    roles: Roles
    panel: list[Chosen]
    cells: dict[int, Batch]

    @torch.inference_mode()
    def states(self, layer: int) -> list[Tensor]:
        """Outputs [S, d] of a layer in a few of the cells that fit read-outs, none of which is steered."""
        adapter, tokens = self.adapter, self.reader.tokens()
        rows = np.flatnonzero(self.roles.fit)[:STATES].tolist()
        cells = [one_cell(tokens, row).to(adapter.device) for row in rows]
        return [layer_output(adapter, cell, layer) for cell in cells]


@dataclass(frozen=True)
class Learnt:
    """Read-outs, and what they learnt from: ``states`` and ``times`` of the cells that fit them."""

    bank: Bank
    states: States
    times: Times
    markers: Markers | None


def load_inputs(settings: SteeringSettings, inputs: Inputs) -> SteeringInputs:
    """Load what steering needs. Raises RequestError for a bad request."""
    adapter = load_prepared(inputs.folder("model"), inputs.device)
    _refuse_readouts(settings, adapter)
    saes = {layer: load_sae(folder, inputs.device) for layer, folder in sorted(inputs.layers("sae").items())}
    for layer, sae in saes.items():
        check_fit(sae, layer, adapter)
    reader = CellsReader(inputs.folder("cells"))
    roles = assign_roles(settings, reader, pseudotime(settings, reader))
    panel = _panel(settings, inputs, roles)
    return SteeringInputs(adapter, saes, reader, roles, panel, _early_cells(settings, reader, roles, adapter.device))


def learn(settings: SteeringSettings, inputs: SteeringInputs, tokens: dict[str, list[int]]) -> Learnt:
    """Read-outs of the fitting cells; ``tokens`` of early and late markers. Raises RequestError if they say nothing."""
    roles, adapter = inputs.roles, inputs.adapter
    states = clean_states(adapter, inputs.reader.tokens(), np.flatnonzero(roles.fit))
    fit, seed = roles.fit, [settings.seed, SHUFFLE_STREAM]
    labels = roles.time[fit], roles.early[fit], roles.late[fit], roles.donor[fit]
    times = Times.shuffled(*labels, settings.n_shuffles, seed)
    markers, readouts = None, settings.readouts
    if tokens["late"] and "marker" in readouts:
        late, early = (np.array(tokens[name], dtype=np.int64) for name in ("late", "early"))
        genes = np.array(sorted(adapter.vocabulary.token_of.values()), dtype=np.int64)
        genes = genes[states.known[:, genes].any(0)]
        stream = [settings.seed, MARKER_STREAM]
        markers = Markers.drawn(late, early, genes, adapter.info.vocab_size, settings.n_shuffles, stream)
    try:
        bank = fit_bank(states, times, readouts, markers, settings.n_axes_probe)
    except ValueError as error:
        raise RequestError(
            f"steering.readouts: {error}, so {adapter.info.name} embeds nothing that a probe could read: leave "
            f"{' and '.join(BY_EMBEDDING)} out"
        ) from None
    return Learnt(bank, states, times, markers)


def _refuse_readouts(settings: SteeringSettings, adapter: Adapter) -> None:
    wanted = [name for name in settings.readouts if name not in BY_EMBEDDING]
    if wanted and adapter.predicts == "nothing":
        raise RequestError(
            f"steering.readouts: {', '.join(wanted)} are read from predictions, and {adapter.info.name} predicts "
            f"nothing: set steering.readouts = {list(BY_EMBEDDING)}".replace("'", '"')
        )


def _panel(settings: SteeringSettings, inputs: Inputs, roles: Roles) -> list[Chosen]:
    axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
    rows = np.searchsorted(roles.cell_id, axes.cell_id)
    cells = np.flatnonzero(roles.choose[rows])
    early, late = (mask[rows][cells] for mask in (roles.early, roles.late))
    found: list[Chosen] = []
    for layer, folder in sorted(inputs.layers("codes").items()):
        codes = CodesReader(folder)
        activity = summarise_by_cell(codes, axes, range(codes.n_features), "mean")[cells].astype(np.float64)
        found += choose_panel(settings, layer, activity, early, late)
    if not found:
        layers = ", ".join(map(str, sorted(inputs.layers("codes"))))
        raise RequestError(
            f"steering: no feature of layers {layers} differs by |d| >= {settings.min_d:g} between early and late "
            f"cells, so the panel is empty: lower steering.min_d, use more cells (cells.n), or name another trajectory"
        )
    return found


def _early_cells(settings: SteeringSettings, reader: CellsReader, roles: Roles, device: str) -> dict[int, Batch]:
    eligible = eligible_cells(settings, reader)
    busy = roles.choose | roles.fit if settings.panel == "separate" else np.zeros_like(roles.early)
    others = roles.cell_id[~roles.early | busy]
    early = int((~np.isin(eligible, others)).sum())
    if early < 2:
        raise RequestError(
            f"steering.cells_split: {early} of {len(eligible)} {settings.cells_split} cells are early and do nothing "
            f"else, 2 are needed: choose more cells (cells.n), or loosen steering.cells_where"
        )
    return {cell: batch.to(device) for cell, batch in draw_cells(settings, reader, others.tolist()).items()}
