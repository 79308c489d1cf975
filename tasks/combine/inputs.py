"""What the step reads, and what is wrong with a request that the settings alone do not show."""

from dataclasses import dataclass

from tasks.causal.inputs import check_fit, draw_cells
from tasks.cells.reader import CellsReader
from tasks.combine.described import Described, read_described
from tasks.combine.settings import CombineSettings
from tasks.combine.step import choose_targets
from tasks.models import Adapter, load_prepared
from tasks.models.batches import Batch
from tasks.sae import Sae, load_sae
from tasks.step import Inputs
from tasks.store import RequestError


@dataclass(frozen=True)
class CombineInputs:
    """``saes`` read the layers of interventions, ``targets`` the layers after; ``cells``: batches of one by cell.

    ``described``: what is known of the features that designed sets are made of; None if none is asked for.
    """

    adapter: Adapter
    saes: dict[int, Sae]
    targets: dict[int, Sae]
    cells: dict[int, Batch]
    described: Described | None = None


def load_inputs(settings: CombineSettings, inputs: Inputs) -> CombineInputs:
    """Load what combining needs. Raises RequestError for a bad request."""
    saes, device = inputs.layers("sae"), inputs.device
    sources = settings.source_layers()
    missing = [layer for layer in sources if layer not in saes]
    if missing:
        raise RequestError(
            f"combine changes features of layer {missing[0]}, which has no autoencoder: add it to sae.layers"
        )
    adapter = load_prepared(inputs.folder("model"), device)
    targets = choose_targets(settings, list(saes))
    loaded = {layer: load_sae(saes[layer], device) for layer in sorted({*sources, *targets})}
    for layer, sae in loaded.items():
        check_fit(sae, layer, adapter)
    for each in settings.sets:
        for member in each.members:
            if member.feature >= loaded[member.layer].n_features:
                raise RequestError(
                    f"combine.sets: {each.name} names feature {member.feature} of layer {member.layer}, whose "
                    f"autoencoder has features 0 to {loaded[member.layer].n_features - 1}"
                )
    drawn = draw_cells(settings, CellsReader(inputs.folder("cells")))
    cells = {cell_id: cell.to(device) for cell_id, cell in drawn.items()}
    readers, read = ({layer: loaded[layer] for layer in layers} for layers in (sources, targets))
    design = settings.design
    described = None if design is None else read_described(inputs.layers("describe"), design.library)
    return CombineInputs(adapter, readers, read, cells, described)
