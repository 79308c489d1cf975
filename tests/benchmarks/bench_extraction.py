"""Extraction of activations beside a bare forward pass of the same batches.

A bare pass runs the same padded batches and keeps nothing: once as the library runs them, once block by block as they
are run here. Extraction takes every layer of the same batches, picks the drawn positions, turns them to half precision,
checks them, writes and syncs the shards. The three take turns, the best of the repeats counts.
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tasks.activations.settings import ActivationsSettings
from tasks.activations.work import Chunk, plan_chunks, write_chunks
from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter, run_blocks
from tasks.models.batches import Batch, pad_batch, plan_batches
from tasks.models.families.geneformer import GeneformerAdapter
from tasks.models.precision import in_precision, reduced
from tasks.store import StepFolder
from tests.benchmarks.machine import machine, machine_line, seconds
from tests.builders.models import random_cells
from tests.builders.true_shape import PUBLISHED, SMALL, Shape, shaped_model

SHAPES = {"small": SMALL, "v1-10m": Shape(6, 256, 4, 512, 25_424, 2048, 0, 0, 0), "v2-316m": PUBLISHED}


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
    def bare(self, forward: Callable[[Batch], object]) -> None:
        """Every batch through the model, nothing kept."""
        for chunk in self.chunks():
            for rows in plan_batches(chunk.cells.lengths, self.settings.batch_tokens):
                forward(pad_batch(chunk.cells, rows, self.adapter.vocabulary, self.adapter.device))

    def library(self, batch: Batch) -> object:
        places = torch.arange(batch.width, device=batch.lengths.device)
        mask = None if batch.keys is None else (places < batch.lengths[:, None]).long()
        with self._precision():
            return self.model.model.bert(batch.tokens, attention_mask=mask)

    def _precision(self) -> AbstractContextManager[object]:
        precision = self.settings.precision
        return nullcontext() if precision == "float32" else reduced(precision, torch.device(self.model.device))

    def block_by_block(self, batch: Batch) -> object:
        return run_blocks(self.adapter, self.adapter.embed(batch), 0, len(self.layers), batch.keys)

    def extract(self, folder: Path) -> None:
        with StepFolder.create(folder) as out:
            write_chunks(out, self.chunks(), self.adapter, self.layers, self.settings.batch_tokens)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=SHAPES, default="v1-10m")
    parser.add_argument("--cells", type=int, default=96)
    parser.add_argument("--positions", type=int, default=256, help="positions kept of each cell")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    torch.set_num_threads(arguments.threads)
    shape = SHAPES[arguments.shape]
    model = shaped_model(shape, arguments.device)
    lengths = np.random.default_rng(0).integers(shape.n_tokens // 4, shape.n_tokens + 1, arguments.cells)
    cells = random_cells(model.vocabulary, lengths.tolist())
    settings = ActivationsSettings(positions_per_cell=arguments.positions, chunk_cells=64)
    rows = []
    for precision in ("float32", "tf32", "bf16") if arguments.device.startswith("cuda") else ("float32", "bf16"):
        in_it = settings.model_copy(update={"precision": precision})
        side = Side(model, in_precision(model, precision), cells, in_it)
        rows.append({"precision": precision, **compare(side, arguments.repeats)})
    return {
        "machine": machine(arguments.device),
        "shape": {"layers": shape.n_layers, "width": shape.d_model, "cells": arguments.cells},
        "tokens": int(cells.lengths.sum()),
        "positions": arguments.positions,
        "rows": rows,
    }


def compare(side: Side, repeats: int) -> dict[str, float]:
    """Best seconds of each, in turns; ratios of extraction to both bare passes."""
    device = str(side.model.device)
    times: dict[str, list[float]] = {"library_seconds": [], "blocks_seconds": [], "seconds": []}
    for _ in range(repeats):
        times["library_seconds"].append(seconds(lambda: side.bare(side.library), device))
        times["blocks_seconds"].append(seconds(lambda: side.bare(side.block_by_block), device))
        with tempfile.TemporaryDirectory() as scratch:
            times["seconds"].append(seconds(lambda: side.extract(Path(scratch) / "activations-0"), device))
    best = {name: min(each) for name, each in times.items()}
    ratios = {f"ratio_{name}": best["seconds"] / best[f"{name}_seconds"] for name in ("library", "blocks")}
    return best | ratios


def table(figures: dict[str, Any]) -> str:
    shape = figures["shape"]
    lines = [
        machine_line(figures),
        f"{shape['cells']} cells, {figures['tokens']:,} tokens, {shape['layers']} layers of width {shape['width']}",
        f"{'precision':<11}{'library s':>11}{'blocks s':>10}{'extraction s':>14}{'of library':>12}{'of blocks':>11}",
    ]
    lines += [
        f"{row['precision']:<11}{row['library_seconds']:>11.2f}{row['blocks_seconds']:>10.2f}{row['seconds']:>14.2f}"
        f"{row['ratio_library']:>12.2f}{row['ratio_blocks']:>11.2f}"
        for row in figures["rows"]
    ]
    return "\n".join(lines)
