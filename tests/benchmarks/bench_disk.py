"""The disk that activations of the published study take: 2,000 cells, 18 layers of width 1,152, every shard written.

The published extraction kept every position of every layer in float32 and trained on a quarter of them. Here a quarter
is drawn, in half precision, by the extraction step itself; only the blocks are replaced by one that costs nothing, as
what they compute does not change what the shards take.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tasks.activations.resources import require_room
from tasks.activations.settings import ActivationsSettings
from tasks.activations.work import estimate_of, plan_chunks, write_chunks
from tasks.models.adapter import ModelInfo
from tasks.models.batches import Batch
from tasks.store import StepFolder
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.builders.models import random_cells, tiny_vocabulary
from tests.builders.true_shape import PUBLISHED, SMALL, shaped_model

SINGLE = 4  # bytes of a float32


class Idle:
    """An adapter whose blocks shift their input by one coordinate."""

    device = "cpu"

    def __init__(self, info: ModelInfo, n_genes: int) -> None:
        self.info = info
        self.vocabulary = tiny_vocabulary(n_genes, info.max_length)
        self.states = torch.randn(self.vocabulary.size, info.d_model, generator=torch.Generator().manual_seed(0))

    def embed(self, batch: Batch) -> Tensor:
        return self.states[batch.tokens]

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        for _ in range(first, stop):
            hidden = hidden.roll(1, -1)
            yield hidden

    def is_gene(self, tokens: Tensor) -> Tensor:
        return tokens >= len(self.vocabulary.special)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=PUBLISHED.n_tokens, help="of a cell")
    parser.add_argument("--layers", type=int, default=PUBLISHED.n_layers)
    parser.add_argument("--width", type=int, default=PUBLISHED.d_model)
    parser.add_argument("--positions", type=int, default=512, help="positions kept of each cell")
    parser.add_argument("--folder", type=Path, help="where to write the shards, which are deleted at the end")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    sizes = {"n_layers": arguments.layers, "d_model": arguments.width, "max_length": arguments.tokens}
    adapter = Idle(replace(shaped_model(SMALL).info, **sizes), PUBLISHED.n_genes)
    settings = ActivationsSettings(positions_per_cell=arguments.positions)
    n_tokens = arguments.cells * arguments.tokens
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        return {
            "machine": machine(),
            "study": {name: getattr(arguments, name) for name in ("cells", "tokens", "layers", "width", "positions")},
            **write(adapter, settings, arguments, Path(scratch) / "activations-0"),
            "full_bytes": n_tokens * arguments.layers * arguments.width * SINGLE,
        }


def write(adapter: Idle, settings: ActivationsSettings, arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Every shard into ``folder``: bytes estimated and found there, seconds."""
    chunks = plan_chunks(settings, adapter, random_cells(adapter.vocabulary, [arguments.tokens] * arguments.cells))
    n_positions = sum(chunk.n_positions for chunk in chunks)
    needed = estimate_of(settings, adapter.info, chunks, arguments.layers)
    require_room(needed, folder)

    def all_shards() -> None:
        with StepFolder.create(folder) as out:
            write_chunks(out, chunks, adapter, list(range(arguments.layers)), settings.batch_tokens)

    spent = seconds(all_shards)
    used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {"kept_positions": n_positions, "bytes": used, "estimated_bytes": needed.disk, "seconds": spent}


def table(figures: dict[str, Any]) -> str:
    study = figures["study"]
    sides = {"on disk": "bytes", "estimated before": "estimated_bytes", "all, in float32": "full_bytes"}
    return "\n".join(
        [
            machine_line(figures),
            f"{study['cells']:,} cells of {study['tokens']:,} tokens, {study['layers']} layers of width "
            f"{study['width']:,}; {study['positions']} positions of a cell kept, {figures['kept_positions']:,} in all",
            *(f"{name:<18}{figures[key] / 1e9:>10,.3f} GB" for name, key in sides.items()),
            f"written in {figures['seconds']:,.0f} s, {figures['full_bytes'] / figures['bytes']:.1f} times less",
        ]
    )
