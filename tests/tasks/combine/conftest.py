"""A tiny random study of five layers, in one precision, and one finished step on it."""

import pytest
import torch

from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import CellsReader
from tasks.combine.settings import CombineSettings
from tasks.models import load_adapter
from tasks.models.batches import Batch
from tasks.sae import load_sae
from tasks.store import StepFolder
from tests.builders.saes import cast
from tests.builders.steps import do_step
from tests.builders.trace import TraceFolders, write_trace_folders

LENGTHS = [24, 22, 30, 27, 31, 26, 29, 24, 28, 26, 33, 21]
SETTINGS = CombineSettings(layers=(0, 2), drawn=3, n_cells=10, seed=3, n_flips=500, fine_flips=500)


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> TraceFolders:
    return write_trace_folders(tmp_path_factory.mktemp("study"), lengths=LENGTHS, n_layers=5)


@pytest.fixture(scope="session")
def combined(folders, tmp_path_factory) -> StepFolder:
    """The step under ``SETTINGS``; tests only read it."""
    folder = tmp_path_factory.mktemp("runs") / "combine-0123456789abcdef"
    do_step("combine", SETTINGS, folder, **folders.reads)
    return StepFolder.open(folder)


class Study:
    """The tiny model and its autoencoders in one precision, and one of its cells."""

    def __init__(self, folders, dtype):
        self.adapter = load_adapter(folders.model_dir)
        self.adapter.model.to(dtype)
        self.saes = {layer: cast(load_sae(folder), dtype) for layer, folder in folders.saes.items()}
        self.encoders = {layer: TiledEncoder(sae) for layer, sae in self.saes.items()}
        self.tokens = torch.from_numpy(CellsReader(folders.cells).tokens().cell(4)).long()
        self.genes = self.adapter.is_gene(self.tokens)

    @torch.inference_mode()
    def loud(self, layer, n):
        """The n features of ``layer`` that are active at most positions of the undisturbed cell."""
        hidden = self.adapter.embed(Batch.of(self.tokens))
        *_, hidden = self.adapter.blocks(hidden, 0, layer + 1)
        places = self.genes.nonzero().flatten()
        sites = Sites.of(self.encoders[layer].encode(hidden[0, places]), places)
        order = torch.argsort(sites.offsets.diff(), descending=True, stable=True)[:n]
        return sites.features[order].tolist()


@pytest.fixture(params=[torch.float32, torch.float64], ids=["float32", "float64"])
def study(request, folders):
    return Study(folders, request.param)


@pytest.fixture
def single(folders):
    return Study(folders, torch.float32)
