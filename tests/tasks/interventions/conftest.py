"""A tiny random model of four layers, for the tests of the room."""

import pytest

from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.interventions.copies import Copies
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.sae import load_sae
from tests.builders.trace import write_trace_folders

LAYER = 1


class Cell:
    """One random cell, and the autoencoder of ``LAYER``."""

    def __init__(self, folders):
        self.adapter = load_adapter(folders.model_dir)
        self.sae = load_sae(folders.saes[LAYER])
        self.cell = one_cell(CellsReader(folders.cells).tokens(), 1)
        self.copies = Copies.of(self.adapter, LAYER, TiledEncoder(self.sae), self.cell, batch_tokens=100)

    @property
    def loud(self):
        """Features that are active somewhere, those at most positions first."""
        order = self.copies.sites.offsets.diff().argsort(descending=True, stable=True)
        return self.copies.sites.features[order].tolist()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return Cell(write_trace_folders(tmp_path_factory.mktemp("study"), lengths=[24, 30, 28]))
