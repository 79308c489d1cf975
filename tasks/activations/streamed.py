"""States of one layer that stay on disk: what a tensor in memory gives, for layers that do not fit.

Rows that are wanted are sorted, so that every file is walked from its begin to its end, and read in runs: rows that lie
close together in one piece, what lies between them passed over. Batches in any order (``in_turn``) are read ahead, as
many at once as half the budget holds: while one half is used, a thread fills the other.

A pass over N rows of which a window holds W thus reads the files about N / W times, whatever the order.
"""

import json
from collections.abc import Iterable, Iterator
from io import FileIO
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.activations.reader import HIDDEN, ActivationReader
from tasks.store import ScfmError
from tasks.store.workers import ahead

HALF = 2  # bytes of a float16
PIECE, GAP = 2**22, 2**15  # bytes: most that is read at once, and most that is read without being wanted
HALVES = 2  # of the budget: one in use, one being filled


class Stretch(NamedTuple):
    """Rows ``first`` to ``last`` - 1 of the layer lie in ``file`` from byte ``start`` on."""

    file: Path
    start: int
    first: int
    last: int


class StreamedStates:
    """States float16 [N, d] of one layer on disk; what is read goes to ``device``.

    ``budget``: bytes that rows read ahead may take in memory.
    """

    def __init__(self, reader: ActivationReader, layer: int, device: torch.device, budget: int) -> None:
        self.shape = (reader.n_positions, reader.d_model)
        self.device = device
        self._stretches = [_stretch(reader.file(layer, unit), span) for unit, span in reader.spans().items()]
        self._window = budget // HALVES // self._row

    @property
    def _row(self) -> int:
        return self.shape[1] * HALF

    def __getitem__(self, rows: Tensor) -> Tensor:
        """States float16 [n, d] of the ``rows`` int64 [n], in their order, on the device."""
        return self._read(rows).to(self.device)

    def in_turn(self, batches: Iterable[Tensor]) -> Iterator[Tensor]:
        """States of one batch of rows after the other, each [n, d]; no batch has more rows than the first."""
        for window, sizes in ahead(self._windows(iter(batches))):
            for part in torch.split(window, sizes):
                yield part.to(self.device)

    def _windows(self, batches: Iterator[Tensor]) -> Iterator[tuple[Tensor, list[int]]]:
        """As many batches at once as the window holds, at least one, and the rows of each."""
        for first in batches:
            more = islice(batches, max(self._window // max(len(first), 1), 1) - 1)
            together = [first, *more]
            yield self._read(torch.cat(together)), [len(rows) for rows in together]

    def _read(self, rows: Tensor) -> Tensor:
        """The rows in memory; torch copies them, which leaves Python free for whoever trains meanwhile."""
        order = torch.argsort(rows)
        wanted = rows[order].numpy()
        found = torch.empty(len(wanted), self.shape[1], dtype=torch.float16)
        for stretch in self._stretches:
            begin, end = np.searchsorted(wanted, (stretch.first, stretch.last))
            if begin < end:
                with stretch.file.open("rb", buffering=0) as file:
                    for low, high in self._runs(wanted[begin:end] - stretch.first):
                        own = wanted[begin + low : begin + high] - stretch.first
                        piece = self._piece(file, stretch.start, int(own[0]), int(own[-1]) + 1)
                        places = order[begin + low : begin + high]
                        found.index_copy_(0, places, piece[torch.from_numpy(own - own[0])])
        return found

    def _runs(self, rows: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """Where runs of ascending rows begin and end that are read in one piece each."""
        apart = np.diff(rows) > max(GAP // self._row, 1)
        full = np.diff(rows // max(PIECE // self._row, 1)) > 0
        edges = [0, *(np.flatnonzero(apart | full) + 1).tolist(), len(rows)]
        return pairwise(edges)

    def _piece(self, file: FileIO, start: int, first: int, last: int) -> Tensor:
        """Rows ``first`` to ``last`` - 1 of a file whose states begin at byte ``start``."""
        piece = torch.empty(last - first, self.shape[1], dtype=torch.float16)
        into = piece.numpy().data.cast("B")
        file.seek(start + first * self._row)
        while into:
            n = file.readinto(into)
            if not n:
                raise ScfmError(f"{file.name} was cut off while it was read: run the study again")
            into = into[n:]
        return piece


States = Tensor | StreamedStates


def _stretch(file: Path, span: slice) -> Stretch:
    """Where a safetensors file holds its states: a length of 8 bytes, a header in JSON, then the tensors."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        start, _ = json.loads(opened.read(length))[HIDDEN]["data_offsets"]
    return Stretch(file, 8 + length + start, span.start, span.stop)
