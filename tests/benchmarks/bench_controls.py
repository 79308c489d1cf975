"""What displacements beside the ablations cost: a layer traced without them and with them, in turn.

A model with random weights, of the demo's width, and autoencoders whose features fire as often as the demo's do. Both
sides trace, test and write the same pairs; one of them measures control displacements as well. FLOPs are those of the
displaced passes alone.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tasks.store import StepFolder
from tasks.trace.inputs import TraceInputs, load_inputs
from tasks.trace.memory import shape_of
from tasks.trace.settings import TraceSettings
from tasks.trace.trace import LayerTrace
from tests.benchmarks.machine import machine, machine_line, peak_gib, seconds
from tests.builders.trace import write_trace_folders

MODES = {"total": "all", "adjacent": "next"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cells", type=int, default=48, help="cells")
    parser.add_argument("--tokens", type=int, default=192, help="tokens of a cell")
    parser.add_argument("--width", type=int, default=64, help="of the model")
    parser.add_argument("--features", type=int, default=256, help="of an autoencoder")
    parser.add_argument("--repeats", type=int, default=2, help="of each side; the quickest counts")
    parser.add_argument("--control-cells", type=int, default=16, help="cells of a feature with a control displacement")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    with tempfile.TemporaryDirectory() as folder:
        rows = [mode_row(mode, arguments, Path(folder) / mode) for mode in MODES]
    return {"machine": about, "options": vars(arguments) | {"json": None}, "rows": rows, "peak_gib": peak_gib()}


def mode_row(mode: str, arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Seconds of both sides, and of their displaced passes the GFLOPs, in one mode."""
    lengths = [arguments.tokens - place % 9 for place in range(arguments.cells)]
    sizes = {"d_model": arguments.width, "n_features": arguments.features, "k": 8, "max_length": arguments.tokens + 2}
    folders = write_trace_folders(folder, lengths=lengths, n_layers=5, n_genes=2 * arguments.tokens, **sizes)
    sides, took = {"without": 0, "with": arguments.control_cells}, {"without": [], "with": []}
    for repeat in range(arguments.repeats):
        for name, control_cells in sides.items():
            settings = TraceSettings(
                source_layers=[1], target_layers=MODES[mode], n_cells=arguments.cells, control_cells=control_cells
            )
            inputs = load_inputs(settings, 1, folders.saes, folders.model, folders.cells, {}, "cpu")
            with StepFolder.create(folder / f"trace-{name}-{repeat}") as out:
                trace = LayerTrace(settings, inputs, out)
                took[name].append(seconds(trace.run))
                n_pairs = counted(trace, inputs)
                out.finish(**trace.info())
    found = {name: min(each) for name, each in took.items()}
    return {"mode": mode, **found, "ratio": found["with"] / found["without"], **n_pairs}


def counted(trace: LayerTrace, inputs: TraceInputs) -> dict[str, float]:
    """Ablated pairs, pairs with a control displacement, and the GFLOPs of one."""
    pairs = trace.sources.pairs
    per_feature = pairs.group_by("source_feature").len()["len"]
    beside = per_feature.filter(per_feature >= trace.settings.nonzero_min).clip(0, trace.settings.control_cells)
    shape = shape_of("total", inputs, pairs)
    return {"pairs": pairs.height, "control_pairs": int(beside.sum()), "pair_gflop": shape.pair_flops / 1e9}


def table(figures: dict[str, Any]) -> str:
    lines = [machine_line(figures), f"{'mode':<12}{'without s':>11}{'with s':>9}{'ratio':>8}{'pairs':>9}{'control':>9}"]
    lines[1] += f"{'GFLOP a pair':>14}"
    for row in figures["rows"]:
        lines.append(
            f"{row['mode']:<12}{row['without']:>11.1f}{row['with']:>9.1f}{row['ratio']:>7.2f}x{row['pairs']:>9,}"
            f"{row['control_pairs']:>9,}{row['pair_gflop']:>14.3g}"
        )
    return "\n".join([*lines, f"at most {figures['peak_gib']:.1f} GiB"])
