"""The work of step ``sae``: one layer's autoencoder, trained or taken, judged on held-out cells and written."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import take_cells
from tasks.models.load import load_prepared
from tasks.sae.density import density_rows
from tasks.sae.devices import training_device
from tasks.sae.layouts.files import FOLDER
from tasks.sae.layouts.load import load_sae
from tasks.sae.layouts.saelens import save_sae
from tasks.sae.metrics import (
    Quality,
    bounds_of_embeddings,
    bounds_of_loss,
    embedding_recovered,
    reconstruction,
    splice_losses,
)
from tasks.sae.positions import Positions, read_positions
from tasks.sae.record import sae_row
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.taken import Names, take_sae
from tasks.sae.training.checkpoints import drop_checkpoints, train_to_end
from tasks.sae.training.curve import Curve
from tasks.sae.training.training import Trained, Training
from tasks.sae.untrained import untrained_sae
from tasks.step import Info, Inputs
from tasks.store import StepFolder, Unit

UNIT = "sae"


def train_layer(settings: SaeSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Train or take one layer's autoencoder, judge it and write it; killed training goes on.

    Raises RequestError for a layer that was not extracted, for cells without a training or held-out part, for k above
    the number of features, for an autoencoder that cannot be taken, and for devices or memory that will not do.
    """
    layer, cells, device = inputs.own_layer, inputs.folder("cells"), training_device(settings, inputs)
    if not out.has(UNIT):
        with out.unit(UNIT) as unit:
            positions = read_positions(inputs.folder("activations"), cells, layer, device, settings)
            adapter = load_prepared(inputs.folder("model"), device)
            trained = _obtain(settings, layer, positions, adapter.info.model_id, out)
            quality = Judge(positions, adapter, layer, cells, settings).judge(trained.sae)
            write_sae(trained, quality, positions, settings, unit)
    drop_checkpoints(out)
    sae = load_sae(out.path)
    return {"sae_id": sae.sae_id, "layer": sae.layer, "n_features": sae.n_features, "k": sae.k}


def write_sae(
    trained: Trained,
    quality: Quality,
    positions: Positions,
    settings: SaeSettings,
    unit: Unit,
    apart: str | None = None,
) -> Sae:
    """The weights, the row of table ``sae``, its densities and the curve, as shards of ``unit``; what was written.

    ``apart`` is the folder of one that is trained to be compared, not to be described.
    """
    judged = quality.reconstruction
    trained = replace(trained, sae=replace(trained.sae, widest=judged.widest))
    weights_sha = save_sae(trained.sae, unit, trained.input_scale, apart or FOLDER)
    unit.table("sae", sae_row(trained, weights_sha, positions, settings, quality, described=apart is None))
    unit.table("sae_metric", trained.curve.frame(trained.sae.sae_id))
    unit.table("sae_density", density_rows(trained.sae.sae_id, judged.fires, judged.n_positions))
    return trained.sae


def _obtain(settings: SaeSettings, layer: int, positions: Positions, model_id: str, out: StepFolder) -> Trained:
    """The layer's autoencoder: taken from where the study says, or trained."""
    folder = settings.folder(layer)
    if folder is None:
        untrained = untrained_sae(settings, layer, positions, model_id, out.key)
        training = Training([(untrained, settings)], positions, settings)
        return train_to_end(training, out, f"sae of layer {layer}")[0]
    taken = take_sae(folder, layer, positions.hidden, Names(model_id, settings.path_model, out.key))
    return Trained(taken, Curve(), input_scale=1.0, n_steps=None)


class Judge:
    """Held-out cells of one layer, and the model's losses and embeddings that autoencoders are held against."""

    def __init__(self, positions: Positions, adapter: Adapter, layer: int, cells: Path, settings: SaeSettings) -> None:
        self.positions, self.adapter, self.seed = positions, adapter, settings.seed
        self.cells = heldout_cells(cells, settings)
        self.heldout_mean = positions.mean(positions.heldout)
        mean = positions.mean(positions.train)
        self.losses = bounds_of_loss(adapter, self.cells, layer, mean, settings.seed)
        self.embeddings = bounds_of_embeddings(adapter, self.cells, layer, mean)

    def judge(self, sae: Sae) -> Quality:
        """Reconstruction of all held-out positions, and what it does to the model in the layer's place."""
        found = reconstruction(sae, self.positions.chunks(self.positions.heldout), self.heldout_mean)
        losses = splice_losses(sae, self.adapter, self.cells, self.losses, self.seed)
        return Quality(found, losses, embedding_recovered(sae, self.adapter, self.cells, self.embeddings))


def heldout_cells(cells: Path, settings: SaeSettings) -> TokenizedCells:
    """Up to ``splice_cells`` held-out cells, drawn by the seed, in ascending cell_id."""
    reader = CellsReader(cells)
    rows = np.flatnonzero((reader.cells()["split"] == "heldout").to_numpy())
    chosen = np.random.default_rng(settings.seed).permutation(rows)[: settings.splice_cells]
    return take_cells(reader.tokens(), np.sort(chosen))
