"""Whether a layer's activations fit in memory, and what streaming them may take."""

import torch

from tasks.activations.reader import ActivationReader
from tasks.activations.streamed import HALF, HALVES
from tasks.store import RequestError
from tasks.store.memory import available_memory

SHARE = 4  # of the memory that is free, a layer takes a quarter unless told otherwise: others may be training too


def streaming_budget(reader: ActivationReader, batch: int, device: str, memory_gb: float | None) -> int | None:
    """Bytes that rows read ahead may take, or None if the layer, float16 [N, d], fits in as many.

    ``batch``: most rows that are asked for at once. Raises RequestError if ``memory_gb`` does not hold two batches: one
    in use, one being read.
    """
    layer, least = (rows * reader.d_model * HALF for rows in (reader.n_positions, HALVES * batch))
    if memory_gb is None:
        free = free_memory(device)
        budget = layer if free is None else max(free // SHARE, least)
    else:
        budget = int(memory_gb * 1e9)
    if layer <= budget:
        return None
    if budget < least:
        raise RequestError(
            f"sae.memory_gb = {memory_gb:g} does not hold two batches of {batch} positions, {least / 1e9:.3f} GB: "
            "raise it, or leave it out"
        )
    return budget


def free_memory(device: str) -> int | None:
    """Bytes that are free here, and on the device if that has memory of its own; None where nobody tells."""
    here = available_memory()
    if torch.device(device).type != "cuda":
        return here
    there, _ = torch.cuda.mem_get_info(device)
    return there if here is None else min(here, there)
