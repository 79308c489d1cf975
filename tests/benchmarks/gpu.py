"""All that only a GPU can show, in one go of at most twelve minutes: ``make gpu``.

1. Tests that need a GPU, against the same on the CPU.
2. ``scfm bench trace`` in float32, TF32 and bf16; ``bench sae``; ``bench extraction``.
3. ``bench slice``: a slice of the map L5 -> 6..17 of Geneformer V2-316M's shape, and what the whole map would take.

Every part is a process of its own with a time limit of its own; one that fails or runs out of time stops no other. The
file of figures is written after each. The limits are for one H200 with 16 cores: a pair of the map is 0.91 TFLOP, so
that 1,024 of them take 5 to 25 s between bf16 and float32; most of each part is Python, torch, and a model of 316
million random weights, made on the CPU.

Exit status: 0 all done, 1 a part failed or ran out of time, 2 no GPU, or a wrong request.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from tasks.store.atomic import write_text
from tests.benchmarks.gpu_parts import Part, chosen, run_part
from tests.benchmarks.machine import machine
from tests.shared import ROOT

LIMIT = 720.0  # seconds of all parts together
FIGURES = ROOT / "tests" / "benchmarks" / "measured" / "gpu.json"


def main(words: list[str] | None = None) -> int:
    """Run the parts; returns the exit status."""
    arguments = read_arguments(words)
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        return refused("no CUDA device is visible here: run on a machine with a GPU, or try --device cpu --small")
    if arguments.json is None and not arguments.device.startswith("cuda"):
        return refused(f"figures of {arguments.device} do not belong in {FIGURES.name}: say where with --json FILE")
    try:
        parts = chosen(arguments.device, arguments.small, arguments.only)
    except ValueError as error:
        return refused(str(error))
    figures = measure(parts, arguments, arguments.json or FIGURES)
    return 0 if all(each["status"] == "done" for each in figures["parts"].values()) else 1


def read_arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.benchmarks.gpu", description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="small shapes: whether it runs, not how fast")
    parser.add_argument("--only", nargs="+", metavar="PART", default=[], help="some parts")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds of all parts together")
    parser.add_argument("--json", metavar="FILE", type=Path, help=f"where figures go; on a GPU {FIGURES.name}")
    return parser.parse_args(words)


def refused(why: str) -> int:
    print(f"gpu: {why}", file=sys.stderr)
    return 2


def measure(parts: list[Part], arguments: argparse.Namespace, file: Path) -> dict[str, Any]:
    """The figures of all parts, written to ``file`` after each."""
    begun, found = time.monotonic(), {}
    about = {"machine": machine(arguments.device), "small": arguments.small, "limit_seconds": arguments.limit}
    with tempfile.TemporaryDirectory() as scratch:
        for part in parts:
            left = arguments.limit - (time.monotonic() - begun)
            found[part.name] = run_part(part, left, Path(scratch))
            figures = {**about, "seconds": time.monotonic() - begun, "parts": found}
            write_text(file, json.dumps(figures, indent=2) + "\n")
            print(f"{part.name:<18}{found[part.name]['status']:<13}{found[part.name]['seconds']:>7.1f} s", flush=True)
            print(found[part.name].get("message", ""), end="", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
