"""What the description of one published layer takes: every step on invented codes in size, each in its own process.

The firings are those of tests/builders/large_codes.py: 4,608 features, 2,000 cells, 4.06 million positions, about 32
active features each, five libraries of gene sets. Steps that need states of the model are left out.
"""

import argparse
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tasks.section import Section
from tasks.step import Step
from tasks.steps import STEPS, step_named
from tasks.store import RequestError
from tests.benchmarks.machine import machine, machine_line, peak_gib
from tests.builders.large_codes import Size, write_large_layers
from tests.builders.steps import do_step

PARTS = ("describe", "modules", "links", "networks", "labels", "tracking", "unannotated")
LAYERS = (0, 1)
LAYER = 0
OF_THE_STUDY = ("tracking",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    size = Size()
    parser.add_argument("--features", type=int, default=size.n_features)
    parser.add_argument("--cells", type=int, default=size.n_cells)
    parser.add_argument("--positions", type=int, default=size.per_cell, help="positions of a cell")
    parser.add_argument("--genes", type=int, default=size.n_genes)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="steps to measure, with describe")
    parser.add_argument("--home", type=Path, help="keep the folders here")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    size = Size(arguments.features, arguments.cells, arguments.positions, arguments.genes)
    with ExitStack() as stack:
        root = arguments.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folders = write_large_layers(root, size)
        figures = {"machine": machine(), "size": vars(size), "codes_gb": _gigabytes(folders["codes-0"]), "parts": {}}
        for name in PARTS:
            if name in arguments.only or name == "describe":
                figures["parts"][name] = _alone(name, root, folders)
    return figures


def _alone(name: str, root: Path, folders: dict[str, Path]) -> dict[str, Any]:
    """A step's work in a fresh process: seconds, its peak memory, and the gigabytes it wrote."""
    folder = root / f"{name}-{'0' * 16}"
    shutil.rmtree(folder, ignore_errors=True)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(name, folder, folders, theirs))
    process.start()
    theirs.close()
    try:
        figures: dict[str, Any] = ours.recv()
    except EOFError:
        raise RequestError(f"step {name} failed: its error stands above") from None
    finally:
        process.join()
    folders[name] = folder
    return {**figures, "written_gb": _gigabytes(folder)}


def _work(name: str, folder: Path, folders: Mapping[str, Path], answer: Any) -> None:
    step = step_named(name)
    settings = step.settings.model_validate({"wanted": True} if "wanted" in step.settings.model_fields else {})
    others = [one.settings() for one in STEPS if one.name != name]
    layer = None if name in OF_THE_STUDY else LAYER
    began = time.perf_counter()
    do_step(step, settings, folder, *others, layer=layer, **_reads(step, settings, folders))
    answer.send({"seconds": time.perf_counter() - began, "peak_gib": peak_gib()})


def _reads(step: Step, settings: Section, folders: Mapping[str, Path]) -> dict[str, Path | dict[int, Path]]:
    """What a step reads: the one folder, or those of some layers; a description stands for that of the other layer."""
    found: dict[str, Path | dict[int, Path]] = {}
    for name, reads in step.reads.items():
        if name in ("cells", "activations", "references"):
            found[name] = folders[name]
        else:
            of_layer = {layer: folders.get(f"{name}-{layer}", folders.get(name)) for layer in LAYERS}
            known = [layer for layer, folder in of_layer.items() if folder is not None]
            chosen = reads.choose(settings, None if step.name in OF_THE_STUDY else LAYER, known)
            found[name] = {layer: of_layer[layer] for layer in chosen if layer in known}
    return found


def _gigabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9


def table(figures: dict[str, Any]) -> str:
    size = figures["size"]
    shape = (
        f"{size['n_features']:,} features, {size['n_cells']:,} cells, {size['n_cells'] * size['per_cell']:,} positions"
    )
    lines = [
        machine_line(figures),
        f"{shape}; codes {figures['codes_gb']:.2f} GB",
        _row("step", "s", "GiB", "GB written"),
    ]
    for name, part in figures["parts"].items():
        lines.append(_row(name, *(f"{part[key]:.1f}" for key in ("seconds", "peak_gib")), f"{part['written_gb']:.3f}"))
    lines.append(_row("together", f"{sum(part['seconds'] for part in figures['parts'].values()):.1f}", "", ""))
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return f"{cells[0]:<16}" + "".join(f"{cell:>12}" for cell in cells[1:])
