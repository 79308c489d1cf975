"""A small finished codes folder with given codes."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tasks.activations.reader import chunk_name
from tasks.codes.reader import FIRES, fires_file, firings_file
from tasks.store import StepFolder


def write_codes(folder: Path, dense: np.ndarray, *, layer: int = 0, sae_id: str = "s", n_chunks: int = 2) -> Path:
    """Write codes [N, F], not negative, in ``n_chunks`` units."""
    edges = np.linspace(0, len(dense), n_chunks + 1).astype(int)
    with StepFolder.create(folder) as out:
        for chunk, (low, high) in enumerate(pairwise(edges)):
            part, unit = dense[low:high], chunk_name(chunk)
            position, feature = np.nonzero(part)
            starts = np.searchsorted(position, np.arange(high - low + 1)).astype(np.uint32)
            arrays = {"starts": starts, "feature": feature.astype(np.uint16)}
            with out.unit(unit) as shard:
                with shard.file(firings_file(unit)) as path:
                    save_file({**arrays, "value": part[position, feature].astype(np.float32)}, path)
                with shard.file(fires_file(unit)) as path:
                    save_file({FIRES: np.count_nonzero(part, axis=0)}, path)
        out.finish(sae_id=sae_id, layer=layer, n_features=dense.shape[1], n_positions=len(dense))
    return folder


def write_fires(folder: Path, fires: list[int], n_positions: int = 1000) -> Path:
    """Codes of features that fire at the first ``fires`` [F] of ``n_positions`` positions."""
    return write_codes(folder, (np.arange(n_positions)[:, None] < np.array(fires)).astype(np.float32))
