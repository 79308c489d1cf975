"""The parts of ``make gpu``: what each runs, for how long at most, and how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.shared import ROOT

TESTS = "tests"
TAIL = 2000  # characters of what a failed part wrote


@dataclass(frozen=True)
class Part:
    """``words`` follow ``python -m``; the file that they are to write figures to is added to them."""

    name: str
    limit: float
    words: tuple[str, ...]


def chosen(device: str, small: bool, only: Sequence[str]) -> list[Part]:
    """The parts that are asked for, or all. Raises ValueError for a part that does not exist."""
    every = [tests(), *benchmarks(device, small)]
    unknown = [name for name in only if name not in {part.name for part in every}]
    if unknown:
        raise ValueError(f"no part {unknown[0]}; there are {', '.join(part.name for part in every)}")
    return [part for part in every if not only or part.name in only]


def tests() -> Part:
    """Every test with the mark ``gpu``; other files are not even read."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py") if _has_gpu(path))
    return Part(TESTS, 150, ("pytest", "-m", "gpu", *files, "--junitxml"))


def _has_gpu(path: Path) -> bool:
    return "@pytest.mark.gpu\n" in path.read_text()


def benchmarks(device: str, small: bool) -> list[Part]:
    """At the true shape, or in small; what is below float32 runs on CUDA alone."""
    cuda, threads = device.startswith("cuda"), ("--threads", str(os.cpu_count()))
    shape = ("--shape", "small") if small else ()
    few = ("--features", "8") if small else ("--features", "1024")
    sae = ("--shapes", "1", "--steps", "4", "--repeats", "1") if small else ("--steps", "200")
    cells = ("--shape", "small", "--cells", "4", "--positions", "8") if small else ("--shape", "v2-316m")
    return [
        *(
            _bench(f"trace {precision}", 75, device, *shape, "--precision", precision)
            for precision in (("float32", "tf32", "bf16") if cuda else ("float32",))
        ),
        _bench("sae", 60, device, *sae, *threads),
        _bench("extraction", 100, device, *cells, "--repeats", "1" if small else "2", *threads),
        *(
            _bench(f"slice {precision}", 75, device, *shape, *few, "--precision", precision)
            for precision in (("tf32", "bf16") if cuda else ("float32",))
        ),
    ]


def _bench(name: str, limit: float, device: str, *options: str) -> Part:
    words = ("flows.cli.main", "bench", name.split(maxsplit=1)[0], "--device", device, *options, "--json")
    return Part(name, limit, words)


def run_part(part: Part, left: float, scratch: Path) -> dict[str, Any]:
    """How the part ended, after how many seconds, with its figures or the end of what it wrote.

    ``left``: seconds that are left for it and all later ones.
    """
    if left <= 0:
        return {"status": "skipped", "seconds": 0.0, "message": "no time was left\n"}
    file, begun = scratch / f"{part.name}.figures", time.monotonic()
    status, output = _run([sys.executable, "-m", *part.words, str(file)], min(part.limit, left))
    ended = {"status": status, "seconds": time.monotonic() - begun}
    if status == "done":
        try:
            return {**ended, "figures": _figures(part, file)}
        except (OSError, ValueError, LookupError, ElementTree.ParseError) as error:
            return {**ended, "status": "failed", "message": f"its figures cannot be read: {error}\n"}
    return {**ended, "message": output[-TAIL:]}


def _run(command: list[str], limit: float) -> tuple[str, str]:
    """How a process ended, and all that it wrote; one that takes too long ends with all that it started."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return "out of time", output
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return ("failed" if process.returncode else "done"), output


def _figures(part: Part, file: Path) -> dict[str, Any]:
    if part.name != TESTS:
        found: dict[str, Any] = json.loads(file.read_text())
        return found
    suite = ElementTree.parse(file).getroot()[0].attrib
    counts = {name: int(suite[name]) for name in ("tests", "failures", "errors", "skipped")}
    not_passed = sum(counts[name] for name in ("failures", "errors", "skipped"))
    return {**counts, "passed": counts["tests"] - not_passed}
