"""The work of step ``activations``: one unit per chunk of cells, all chosen layers in one pass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from tasks.activations.extract import choose_positions, extract, kept_index
from tasks.activations.reader import HIDDEN, chunk_name, hidden_file, index_file
from tasks.activations.resources import Estimate, estimate, require_room
from tasks.activations.settings import ActivationsSettings
from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import Adapter, ModelInfo
from tasks.models.batches import take_cells
from tasks.models.load import load_prepared
from tasks.models.precision import in_precision
from tasks.step import Info, Inputs
from tasks.store import Progress, RequestError, StepFolder, Unit


@dataclass(frozen=True)
class Chunk:
    """The cells of one unit and which of their tokens [N] are kept."""

    unit: str
    cells: TokenizedCells
    kept: NDArray[np.bool_]

    @property
    def n_positions(self) -> int:
        """Rows the unit will hold."""
        return int(self.kept.sum())


def extract_activations(settings: ActivationsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Run the model of step ``model`` over the cells of step ``cells``.

    Raises RequestError for a layer the model does not have or if memory does not suffice, and OutOfSpace if the disk
    does not, before anything is computed.
    """
    adapter = load_prepared(inputs.folder("model"), inputs.device)
    adapter = in_precision(adapter, settings.precision, "activations.precision")
    layers = chosen_layers(settings, adapter.info)
    chunks = plan_chunks(settings, adapter, CellsReader(inputs.folder("cells")).tokens())
    require_room(estimate_of(settings, adapter.info, chunks, len(layers)), out.path)
    write_chunks(out, chunks, adapter, layers, settings.batch_tokens)
    n_positions = sum(chunk.n_positions for chunk in chunks)
    return {"layers": layers, "d_model": adapter.info.d_model, "n_positions": n_positions}


def chosen_layers(settings: ActivationsSettings, info: ModelInfo) -> list[int]:
    """The layers to keep, ascending. Raises RequestError for one the model does not have."""
    if settings.layers == "all":
        return list(range(info.n_layers))
    unknown = [layer for layer in settings.layers if layer >= info.n_layers]
    if unknown:
        raise RequestError(
            f"activations.layers names layer {unknown[0]}, but {info.name} has layers 0 to {info.n_layers - 1}"
        )
    return settings.layers


def plan_chunks(settings: ActivationsSettings, adapter: Adapter, cells: TokenizedCells) -> list[Chunk]:
    """Cut the cells into units, and choose the positions of each."""
    genes = np.array(sorted(adapter.vocabulary.token_of.values()))
    chunks = []
    for number, first in enumerate(range(0, cells.n_cells, settings.chunk_cells)):
        part = take_cells(cells, np.arange(first, min(first + settings.chunk_cells, cells.n_cells)))
        kept = choose_positions(part, genes, settings.positions_per_cell, settings.seed)
        chunks.append(Chunk(chunk_name(number), part, kept))
    return chunks


def estimate_of(settings: ActivationsSettings, info: ModelInfo, chunks: list[Chunk], n_layers: int) -> Estimate:
    """What writing these chunks will take."""
    longest = max(int(chunk.cells.lengths.max()) for chunk in chunks)
    rows = [chunk.n_positions for chunk in chunks]
    return estimate(info, n_layers, sum(rows), max(rows), max(settings.batch_tokens, longest))


def write_chunks(out: StepFolder, chunks: list[Chunk], adapter: Adapter, layers: list[int], batch_tokens: int) -> None:
    """Write every chunk that is not there yet, each as one unit of ``out``."""
    with Progress("activations", total=sum(chunk.cells.n_cells for chunk in chunks), unit="cell") as bar:
        for chunk in chunks:
            if not out.has(chunk.unit):
                with out.unit(chunk.unit) as shard:
                    _write_chunk(shard, chunk, adapter, layers, batch_tokens)
            bar.advance(chunk.cells.n_cells)


def _write_chunk(shard: Unit, chunk: Chunk, adapter: Adapter, layers: list[int], batch_tokens: int) -> None:
    states = extract(adapter, chunk.cells, chunk.kept, layers, batch_tokens)
    for layer in layers:
        with shard.file(hidden_file(layer, chunk.unit)) as path:
            save_tensors({HIDDEN: states[layer]}, path)
    with shard.file(index_file(chunk.unit)) as path:
        save_file(vars(kept_index(chunk.cells, chunk.kept)), path)
