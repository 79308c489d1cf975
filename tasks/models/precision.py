"""A model whose blocks multiply matrices in less than float32, its residual stream and what is read from it in float32.

bf16  matrix products take bfloat16 factors (8 significant bits), sums inside them are float32 (torch.autocast).
tf32  factors are rounded to 11 significant bits on their way into the tensor cores; CUDA only.

Attention between a block's two parts runs in the precision of the queries that it is given.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from torch import Tensor

from tasks.models.adapter import Adapter, Block, ModelInfo, Predicts
from tasks.models.attention import key_mask, run_block
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary


class ReducedBlock:
    """A block whose parts run in reduced precision and hand out float32."""

    def __init__(self, block: Block, precision: str, device: torch.device) -> None:
        self.block, self.precision, self.device = block, precision, device
        self.n_heads, self.order = block.n_heads, block.order

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., d]."""
        with reduced(self.precision, self.device):
            return self.block.query(hidden).float()

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each [..., d]."""
        with reduced(self.precision, self.device):
            key, value = self.block.key_value(hidden)
        return key.float(), value.float()

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The block's output [..., d]."""
        with reduced(self.precision, self.device):
            return self.block.finish(hidden, mixed).float()


class ReducedAdapter:
    """An adapter in reduced precision: embedding and prediction are those of the adapter itself."""

    def __init__(self, adapter: Adapter, precision: str) -> None:
        self._adapter, self.precision = adapter, precision
        self.model = adapter.model
        self.info: ModelInfo = adapter.info
        self.vocabulary: Vocabulary = adapter.vocabulary
        self.device = adapter.device
        self.predicts: Predicts = adapter.predicts
        self.embed, self.predict, self.is_gene = adapter.embed, adapter.predict, adapter.is_gene
        self.predict_asked = adapter.predict_asked
        self.embed_cells, self.mean_logits = adapter.embed_cells, adapter.mean_logits

    def block(self, layer: int) -> Block:
        """The parts of block ``layer``."""
        return ReducedBlock(self._adapter.block(layer), self.precision, torch.device(self.device))

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the outputs [B, S, d] of blocks ``first`` to ``stop - 1``, attention in reduced precision as well."""
        mask = None if lengths is None else key_mask(lengths, hidden.shape[1])
        for layer in range(first, stop):
            with reduced(self.precision, torch.device(self.device)):
                hidden = run_block(self._adapter.block(layer), hidden, mask).float()
            yield hidden


def in_precision(adapter: Adapter, precision: str, key: str = "trace.precision") -> Adapter:
    """The adapter in float32, tf32 or bf16, as the study's ``key`` says. Raises RequestError for tf32 without CUDA."""
    if precision == "float32":
        return adapter
    if precision == "tf32" and torch.device(adapter.device).type != "cuda":
        raise RequestError(f'{key} = "tf32" needs a CUDA device: write float32, or bf16')
    return ReducedAdapter(adapter, precision)


def reduced(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """What makes matrix products inside it run in ``precision``."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else _tf32()


@contextmanager
def _tf32() -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
