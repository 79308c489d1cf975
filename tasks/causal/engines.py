"""The engine of an effect: what prepares cells, and what a prepared cell can do."""

from typing import Literal, Protocol

import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.decoder import DecoderEngine
from tasks.causal.displacement import Displacement
from tasks.causal.frozen import FrozenEngine
from tasks.causal.later import Later
from tasks.causal.reading import Reading
from tasks.causal.total import TotalEngine

BATCH_TOKENS, BATCH_TOKENS_GPU = 2048, 32_768  # tokens that pass through a block at once, unless the study says


class PreparedCell(Protocol):
    """A cell whose undisturbed pass was run once; displacements of it are measured batch by batch."""

    @property
    def state(self) -> SourceState:
        """The cell up to the source layer."""
        ...

    def batches(self, positions: list[Tensor]) -> list[slice]:
        """Cut displacements at these positions int64 [P] each into batches."""
        ...

    def measure(self, displacements: list[Displacement]) -> dict[int, Tensor]:
        """Effects float64 [b, F] of one batch on every target layer."""
        ...


class Engine(Protocol):
    """What prepares cells."""

    later: Later

    def prepare(self, state: SourceState) -> PreparedCell:
        """Run the undisturbed cell, and keep what displacements of it need."""
        ...


def make_engine(
    effect: str, later: Later, batch_tokens: int | Literal["auto"] = "auto", reading: Reading = "active"
) -> Engine:
    """The engine of the total or the direct effect; one block on they are the same, and the cheaper one serves.

    That is so where effects are read at the displaced positions: at others there is no direct effect. ``batch_tokens``:
    tokens that pass through a block at once; auto: as suits the device. A decoder has its own engine of total effects.
    """
    if reading == "active" and (effect == "direct" or len(later.layers) == 1):
        return FrozenEngine(later)
    if later.block(later.layers[0]).order is not None:
        return DecoderEngine(later, reading)
    on_cpu = torch.device(later.adapter.device).type == "cpu"
    usual = BATCH_TOKENS if on_cpu else BATCH_TOKENS_GPU
    return TotalEngine(later, usual if batch_tokens == "auto" else batch_tokens, reading)
