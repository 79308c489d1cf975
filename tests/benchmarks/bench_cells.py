"""Draw a few cells from a large file: peak memory, bytes read, and how long it takes.

A sparse file of ``--cells`` x ``--genes`` counts is made a slice at a time. A process of its own then does the work of
step ``cells`` with ``cells.n``, and notes what the system says it read (``rchar`` of /proc/self/io counts what is asked
for, from disk or from memory). Hashing the file, which a study does once for its key, reads all of it and is not in.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from anndata.io import write_elem

from tasks.cells.room import memory_needed
from tests.benchmarks.machine import machine, machine_line
from tests.builders.h5ad_files import human_genes
from tests.conftest import ROOT

SLICE = 5_000  # cells that are made together
WORK = """
import json, sys, time
from pathlib import Path
from tasks.cells.pipeline import tokenise_files
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tests.benchmarks.machine import peak_bytes

def read():
    return int(dict(line.split(": ") for line in open("/proc/self/io").read().splitlines())["rchar"])

before, begun, held = read(), time.perf_counter(), peak_bytes()
settings = CellsSettings(path=sys.argv[1], n=int(sys.argv[2]))
file = tokenise_files([Path(sys.argv[1])], settings, MiniVocabulary())
peak = peak_bytes()
print(json.dumps({"seconds": time.perf_counter() - begun, "bytes_read": read() - before, "imports": held,
                  "peak_bytes": peak, "chosen": file.tokens.n_cells}))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--per-cell", type=int, default=1000, help="genes that a cell expresses")
    parser.add_argument("--n", type=int, default=2000, help="cells to draw")
    parser.add_argument("--compression", choices=["gzip"], help="of the file; none by default")
    parser.add_argument("--folder", type=Path, help="where to write the file, which is deleted at the end")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = write_large(
            Path(folder) / "large.h5ad", arguments.cells, arguments.genes, arguments.per_cell, arguments.compression
        )
        return {
            "machine": machine(),
            "cells": arguments.cells,
            "genes": arguments.genes,
            "n": arguments.n,
            "file_bytes": path.stat().st_size,
            "estimate": memory_needed(arguments.n, arguments.cells, arguments.per_cell),
            **draw(path, arguments.n),
        }


def draw(path: Path, n: int) -> dict[str, Any]:
    """Do the work in a process of its own; what it noted."""
    command = [sys.executable, "-c", WORK, str(path.resolve()), str(n)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_large(path: Path, n_cells: int, n_genes: int, per_cell: int, compression: str | None = None) -> Path:
    """A file of ``per_cell`` counts in every cell, chunked as anndata chunks."""
    ids, _ = human_genes(n_genes)
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
        group = file.create_group("X")
        group.attrs["encoding-type"], group.attrs["encoding-version"] = "csr_matrix", "0.1.0"
        group.attrs["shape"] = (n_cells, n_genes)
        stored, kept = n_cells * per_cell, {"maxshape": (None,), "compression": compression}
        data, indices = (
            group.create_dataset(name, (stored,), kind, **kept) for name, kind in (("data", "f4"), ("indices", "i4"))
        )
        group["indptr"] = np.arange(n_cells + 1, dtype=np.int64) * per_cell
        for first in range(0, n_cells, SLICE):
            part = slice(first * per_cell, min(first + SLICE, n_cells) * per_cell)
            n_part = (part.stop - part.start) // per_cell
            data[part] = rng.poisson(2, part.stop - part.start).astype(np.float32) + 1
            starts = rng.integers(0, n_genes, n_part)[:, None]
            widest = n_genes // per_cell
            strides = rng.integers(max(widest // 2, 1), widest + 1, n_part)[:, None]  # cells share genes unevenly
            indices[part] = np.sort((starts + np.arange(per_cell) * strides) % n_genes, axis=1).ravel()
        write_elem(file, "obs", pd.DataFrame({"cell_type": ["a"] * n_cells}, index=[f"c{i}" for i in range(n_cells)]))
        write_elem(file, "var", pd.DataFrame(index=ids))
    return path


def table(figures: dict[str, Any]) -> str:
    gigabytes = {
        name: figures[name] / 1e9 for name in ("file_bytes", "bytes_read", "peak_bytes", "estimate", "imports")
    }
    return "\n".join(
        [
            machine_line(figures),
            f"{figures['n']:,} of {figures['cells']:,} cells x {figures['genes']:,} genes: {figures['seconds']:.1f} s",
            f"file {gigabytes['file_bytes']:.2f} GB, read {gigabytes['bytes_read']:.3f} GB "
            f"({figures['bytes_read'] / figures['file_bytes']:.1%})",
            f"memory at its peak {gigabytes['peak_bytes']:.2f} GB, {gigabytes['imports']:.2f} GB before the work; "
            f"estimated for the work {gigabytes['estimate']:.2f} GB",
        ]
    )
