"""What extraction will take, estimated before it starts."""

from dataclasses import dataclass
from pathlib import Path

from tasks.models.adapter import ModelInfo
from tasks.store.disk import require_disk
from tasks.store.memory import require_memory

HALF, SINGLE, INDEX_ROW = 2, 4, 4 + 2 + 4  # bytes: a float16, a float32, a row of the index
DISK_MARGIN = 1.05  # headers, ledger, file system
WORKING_STATES = 6  # hidden states alive at once inside a block: input, query, key, value, attended, output


@dataclass(frozen=True)
class Estimate:
    """Bytes that extraction will write, and bytes of memory beyond the loaded model."""

    disk: int
    memory: int


def estimate(info: ModelInfo, n_layers: int, n_positions: int, chunk_positions: int, batch_positions: int) -> Estimate:
    """Disk for all rows; memory for the kept states of one chunk, in half precision, and one batch at work.

    ``n_positions`` rows are kept, at most ``chunk_positions`` of them in one chunk; a batch runs
    ``batch_positions`` positions.
    """
    row = n_layers * info.d_model * HALF + INDEX_ROW
    working = batch_positions * SINGLE * (WORKING_STATES * info.d_model + info.d_ff)
    return Estimate(disk=int(DISK_MARGIN * n_positions * row), memory=chunk_positions * row + working)


def require_room(needed: Estimate, folder: Path) -> None:
    """Raise OutOfSpace if the disk of ``folder``, or RequestError if the memory, cannot hold the estimate."""
    fewer = "free some space, keep fewer layers (activations.layers) or positions (activations.positions_per_cell)"
    require_disk(needed.disk, folder, "activations", fewer)
    remedy = "set a smaller activations.chunk_cells or activations.batch_tokens"
    require_memory(needed.memory, "extracting activations", remedy)
