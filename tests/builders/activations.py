"""A small finished activations folder with given arrays."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from tasks.activations.reader import HIDDEN, ActivationIndex, chunk_name, hidden_file, index_file
from tasks.store import StepFolder


def write_activations(
    folder: Path, hidden: dict[int, np.ndarray], index: ActivationIndex | None = None, *, n_chunks: int = 2
) -> Path:
    """Write states [N, d] by layer, in ``n_chunks`` units; without ``index``, ten genes a cell, tokens cycling."""
    rows, width = next(iter(hidden.values())).shape
    index = index or regular_index(rows)
    with StepFolder.create(folder) as out:
        for chunk, part in enumerate(np.array_split(np.arange(rows), n_chunks)):
            unit = chunk_name(chunk)
            with out.unit(unit) as shard:
                for layer, states in hidden.items():
                    with shard.file(hidden_file(layer, unit)) as path:
                        save_tensors({HIDDEN: torch.from_numpy(states[part].astype(np.float16))}, path)
                with shard.file(index_file(unit)) as path:
                    save_file({name: np.ascontiguousarray(a[part]) for name, a in vars(index).items()}, path)
        out.finish(layers=sorted(hidden), d_model=width, n_positions=rows)
    return folder


def regular_index(rows: int, genes_per_cell: int = 10, n_tokens: int = 30) -> ActivationIndex:
    """Row i is the (i % genes)-th gene of cell i // genes."""
    row = np.arange(rows)
    position = (row % genes_per_cell + 1).astype(np.uint16)
    token = (row % n_tokens + 4).astype(np.int32)
    return ActivationIndex((row // genes_per_cell).astype(np.uint32), position, token)
