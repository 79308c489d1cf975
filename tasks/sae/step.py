"""The sae step: one layer's autoencoder, trained, judged on held-out cells and written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from prefect import task

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import take_cells
from tasks.models.load import load_prepared
from tasks.sae.frequency import count_fires, save_fires
from tasks.sae.io import load_sae, save_sae
from tasks.sae.metrics import Quality, reconstruction, splice_losses
from tasks.sae.positions import Positions, read_positions
from tasks.sae.record import sae_row
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.trainer import train
from tasks.sae.untrained import untrained_sae
from tasks.store import StepFolder

UNIT = "sae"


@task(name="train sae")
def train_layer(
    settings: SaeSettings, layer: int, activations: Path, model: Path, cells: Path, folder: Path, device: str
) -> Path:
    """Train one layer's autoencoder into ``folder``, judge it and write it; a layer that was killed starts again.

    ``activations``, ``model`` and ``cells`` are finished step folders. Raises RequestError for a layer that was not
    extracted, for cells without a training or held-out part, and for k above the number of features.
    """
    with StepFolder.create(folder) as out:
        if out.done:
            return folder
        if not out.has(UNIT):
            with out.unit(UNIT) as unit:
                positions = read_positions(activations, cells, layer, device)
                adapter = load_prepared(model, device)
                untrained = untrained_sae(settings, layer, positions, adapter.info.model_id, out.key)
                trained = train(untrained, positions, settings)
                quality = judge(trained.sae, positions, adapter, heldout_cells(cells, settings), settings.seed)
                found = replace(trained.sae, widest=quality.reconstruction.widest)
                weights_sha = save_sae(found, unit, trained.input_scale)
                fires = count_fires(found, positions.chunks(positions.train)) + quality.reconstruction.fires
                save_fires(fires, positions.hidden.shape[0], unit)
                unit.table("sae", sae_row(found, weights_sha, positions, settings, quality))
                unit.table("sae_metric", trained.curve.frame(found.sae_id))
        sae = load_sae(folder)
        out.finish(sae_id=sae.sae_id, layer=sae.layer, n_features=sae.n_features, k=sae.k)
    return folder


def judge(sae: Sae, positions: Positions, adapter: Adapter, cells: TokenizedCells, seed: int) -> Quality:
    """Reconstruction of all held-out positions, and the model's loss on held-out ``cells``."""
    chunks = positions.chunks(positions.heldout)
    found = reconstruction(sae, chunks, positions.mean(positions.heldout))
    return Quality(found, splice_losses(sae, adapter, cells, positions.mean(positions.train), seed))


def heldout_cells(cells: Path, settings: SaeSettings) -> TokenizedCells:
    """Up to ``splice_cells`` held-out cells, drawn by the seed, in ascending cell_id."""
    reader = CellsReader(cells)
    rows = np.flatnonzero((reader.cells()["split"] == "heldout").to_numpy())
    chosen = np.random.default_rng(settings.seed).permutation(rows)[: settings.splice_cells]
    return take_cells(reader.tokens(), np.sort(chosen))
