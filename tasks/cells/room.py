"""How much memory reading cells takes, estimated before it starts.

A stored value is held as float32 with an index of 4 or 8 bytes, in about four copies while slices are joined and
columns of one gene are summed, and again while cells become tokens. Of every cell of a file, used or not, names, labels
and what became of it are kept.
"""

from tasks.store.memory import require_memory

BYTES_PER_VALUE = 64
BYTES_PER_CELL = 700
BASE = 150_000_000  # what one slice, and the gene table, take


def memory_needed(n_read: int, n_cells: int, stored_per_row: float) -> int:
    """Bytes, for ``n_read`` of ``n_cells`` cells with ``stored_per_row`` values each."""
    return BASE + int(BYTES_PER_VALUE * n_read * stored_per_row + BYTES_PER_CELL * n_cells)


def require_room(n_read: int, n_cells: int, stored_per_row: float) -> None:
    """Raise RequestError, before anything is read, if memory cannot hold the cells."""
    work = f"reading {n_read:,} of {n_cells:,} cells"
    require_memory(memory_needed(n_read, n_cells, stored_per_row), work, "lower cells.n, or narrow cells.where")
