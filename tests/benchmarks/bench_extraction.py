"""Extraction of activations beside a bare forward pass of the same batches, and the disk that it takes.

The bare pass is the library's own, of the same padded batches, and keeps nothing. Extraction runs the same batches,
takes every layer, picks the drawn positions, turns them to half precision, checks them, writes and syncs the shards.
The two take turns, the best of the repeats counts. Published extraction kept every position of every layer in float32.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tasks.activations.resources import estimate
from tasks.activations.settings import ActivationsSettings
from tasks.activations.step import Chunk, plan_chunks, write_chunk
from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import Batch, pad_batch, plan_batches
from tasks.models.geneformer import GeneformerAdapter
from tasks.models.precision import in_precision
from tasks.store import StepFolder
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.builders.models import random_cells
from tests.builders.true_shape import SMALL, Shape, shaped_model

SHAPES = {"small": SMALL, "v1-10m": Shape(6, 256, 4, 512, 25_424, 2048, 0, 0, 0)}
PUBLISHED_CELLS, PUBLISHED_TOKENS, PUBLISHED_LAYERS, PUBLISHED_WIDTH = 2000, 2048, 18, 1152
SINGLE = 4  # bytes of a float32


@dataclass(frozen=True)
class Side:
    """A model in one precision, with the cells that it runs."""

    model: GeneformerAdapter
    adapter: Adapter
    cells: TokenizedCells
    settings: ActivationsSettings

    @property
    def layers(self) -> list[int]:
        return list(range(self.adapter.info.n_layers))

    def chunks(self) -> list[Chunk]:
        return plan_chunks(self.settings, self.adapter, self.cells)

    @torch.no_grad()
    def bare(self) -> None:
        """Every batch through the model, nothing kept."""
        for chunk in self.chunks():
            for rows in plan_batches(chunk.cells.lengths, self.settings.batch_tokens):
                self._forward(pad_batch(chunk.cells, rows, self.adapter.vocabulary, self.adapter.device))

    def extract(self, folder: Path) -> None:
        with StepFolder.create(folder) as out:
            for chunk in self.chunks():
                with out.unit(chunk.unit) as shard:
                    write_chunk(shard, chunk, self.adapter, self.layers, self.settings.batch_tokens)

    def _forward(self, batch: Batch) -> None:
        mask = None if batch.keys is None else torch.arange(batch.width) < batch.lengths[:, None]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.precision == "bf16"):
            self.model.model.bert(batch.tokens, attention_mask=None if mask is None else mask.long())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=SHAPES, default="v1-10m")
    parser.add_argument("--cells", type=int, default=96)
    parser.add_argument("--positions", type=int, default=256, help="positions kept of each cell")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(arguments.threads)
    shape = SHAPES[arguments.shape]
    model = shaped_model(shape)
    lengths = np.random.default_rng(0).integers(shape.n_tokens // 4, shape.n_tokens + 1, arguments.cells)
    cells = random_cells(model.vocabulary, lengths.tolist())
    settings = ActivationsSettings(positions_per_cell=arguments.positions, chunk_cells=64)
    rows = []
    for precision in ("float32", "bf16"):
        in_it = settings.model_copy(update={"precision": precision})
        side = Side(model, in_precision(model, precision), cells, in_it)
        rows.append({"precision": precision, **compare(side, arguments.repeats)})
    return {
        "machine": machine(),
        "shape": {"layers": shape.n_layers, "width": shape.d_model, "cells": arguments.cells},
        "tokens": int(cells.lengths.sum()),
        "positions": arguments.positions,
        "rows": rows,
        "disk": disk(Side(model, model, cells, settings)),
        "published": published(arguments.positions),
    }


def compare(side: Side, repeats: int) -> dict[str, float]:
    """Best seconds of each, in turns."""
    bare, extraction = [], []
    for _ in range(repeats):
        bare.append(seconds(side.bare))
        with tempfile.TemporaryDirectory() as scratch:
            extraction.append(seconds(lambda: side.extract(Path(scratch) / "activations-0")))
    return {"bare_seconds": min(bare), "seconds": min(extraction), "ratio": min(extraction) / min(bare)}


def disk(side: Side) -> dict[str, int]:
    """Bytes that the shards really take, those that were estimated before, and those of the published way."""
    chunks, info = side.chunks(), side.adapter.info
    n_positions = sum(chunk.n_positions for chunk in chunks)
    with tempfile.TemporaryDirectory() as scratch:
        side.extract(Path(scratch) / "activations-0")
        used = sum(file.stat().st_size for file in Path(scratch).rglob("*") if file.is_file())
    estimated = estimate(info, info.n_layers, n_positions, n_positions, 0).disk
    return {"bytes": used, "estimated_bytes": estimated, "full_bytes": full_bytes(int(side.cells.lengths.sum()), info)}


def full_bytes(n_tokens: int, info: Any) -> int:
    """Every position of every layer in float32."""
    return n_tokens * info.n_layers * info.d_model * SINGLE


def published(positions: int) -> dict[str, int]:
    """The published extraction, 2,000 cells of Geneformer V2-316M, its way and this one, computed."""
    info = replace(shaped_model(SMALL).info, n_layers=PUBLISHED_LAYERS, d_model=PUBLISHED_WIDTH)
    here = estimate(info, PUBLISHED_LAYERS, PUBLISHED_CELLS * positions, 1, 0).disk
    return {"full_bytes": full_bytes(PUBLISHED_CELLS * PUBLISHED_TOKENS, info), "estimated_bytes": here}


def table(figures: dict[str, Any]) -> str:
    shape, kept, far = figures["shape"], figures["disk"], figures["published"]
    lines = [
        machine_line(figures),
        f"{shape['cells']} cells, {figures['tokens']:,} tokens, {shape['layers']} layers of width {shape['width']}",
        f"{'precision':<11}{'bare s':>9}{'extraction s':>14}{'ratio':>7}",
    ]
    lines += [
        f"{row['precision']:<11}{row['bare_seconds']:>9.2f}{row['seconds']:>14.2f}{row['ratio']:>7.2f}"
        for row in figures["rows"]
    ]
    return "\n".join(
        [
            *lines,
            f"disk: {kept['bytes'] / 1e6:,.1f} MB with {figures['positions']} positions a cell (estimated "
            f"{kept['estimated_bytes'] / 1e6:,.1f}), {kept['full_bytes'] / 1e6:,.1f} MB the published way",
            f"published study: {far['full_bytes'] / 1e9:,.0f} GB its way, {far['estimated_bytes'] / 1e9:,.0f} GB so",
        ]
    )
