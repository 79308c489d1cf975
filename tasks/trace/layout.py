"""How a source layer's work is cut: units of about a minute within the memory that tracing may take.

1. Cells of a block are prepared once and stay in memory while all features pass: a quarter of the memory.
2. A unit is a block of features in a block of cells: a minute at a nominal rate, its effects an eighth of the memory.
3. Tests need a feature's effects in all cells: so many features at once that they fit an eighth of the memory.

The cut follows from settings and shapes, not from what is free at the moment or how fast the machine is, so that a
run that goes on finds the units it left. It changes no number.
"""

from dataclasses import dataclass
from typing import Self

from tasks.causal.cost import decoder_flops, expected_rows, frozen_flops, total_flops
from tasks.models.adapter import ModelInfo
from tasks.trace.settings import TraceSettings

UNIT_FLOPS, UNIT_FLOPS_GPU = 6e12, 6e15  # a minute at 0.1 TFLOP/s, and at 100
SINGLE, CODE = 4, 4 + 8  # bytes: a float32, one sparse code with its index
EFFECT = 2 * SINGLE  # bytes an effect takes: dense, and in its archive form while that is made
MOST_FEATURES, MOST_TESTED = 1024, 64


@dataclass(frozen=True)
class Shape:
    """What the cost of a source layer's trace depends on; numbers of positions and tokens are means."""

    info: ModelInfo
    frozen: bool
    n_cells: int
    n_tokens: float
    n_positions: float
    n_blocks: int
    n_targets: int
    n_codes: int
    n_read: float | None = None  # positions where effects are read; None: those that are displaced
    decoder: bool = False  # whether later positions alone can change

    @property
    def pair_flops(self) -> float:
        """FLOPs of one pair."""
        shape = self.info, self.n_tokens, self.n_positions, self.n_blocks, self.n_targets
        if self.frozen:
            return frozen_flops(*shape)
        if not self.decoder:
            return total_flops(*shape, self.n_read)
        rows = expected_rows(self.n_tokens, self.n_positions, to_the_end=self.n_read is not None)
        read = min(rows, self.n_positions if self.n_read is None else self.n_read)
        return decoder_flops(self.info, self.n_tokens, rows, self.n_blocks, self.n_targets, read)

    @property
    def cell_bytes(self) -> float:
        """Bytes kept of a prepared cell: keys and values of every block, or of the first beside what it made; codes."""
        states = 2 * self.n_blocks if self.frozen or self.decoder else 6
        return self.n_tokens * (states * self.info.d_model * SINGLE + self.n_codes * CODE)


@dataclass(frozen=True)
class Layout:
    """Features and cells of a unit, and features that are tested at once."""

    features: int
    cells: int
    tested: int

    @classmethod
    def of(cls, settings: TraceSettings, shape: Shape, on_cpu: bool) -> Self:
        """Cut the work; a number in the settings is taken as it is."""
        memory = settings.memory_gb * 1e9
        cells = min(shape.n_cells, _at_least_one(memory / 4 / shape.cell_bytes))
        if settings.cell_block != "auto":
            cells = settings.cell_block
        flops = UNIT_FLOPS if on_cpu else UNIT_FLOPS_GPU
        fitting = memory / 8 / (cells * shape.n_targets * EFFECT)
        features = min(MOST_FEATURES, _at_least_one(min(fitting, flops / (shape.pair_flops * cells))))
        if settings.feature_block != "auto":
            features = settings.feature_block
        tested = min(MOST_TESTED, _at_least_one(memory / 8 / (shape.n_cells * shape.n_targets * EFFECT)))
        return cls(features, cells, tested)


def _at_least_one(number: float) -> int:
    return max(1, int(number))
