"""``scfm bench NAME``: measure this machine with one of the benchmarks of the source checkout.

A benchmark is a module ``tests/benchmarks/bench_NAME.py`` with three functions, those of ``Benchmark``.
"""

import argparse
import ast
import importlib
import json
import sys
from pathlib import Path
from typing import Any, Protocol, cast

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER, PREFIX = "tests/benchmarks", "bench_"


class Benchmark(Protocol):
    """What a benchmark module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its options."""

    def measure(self, arguments: argparse.Namespace) -> dict[str, Any]:
        """Run it: figures that JSON can hold, with the machine they were measured on."""

    def table(self, figures: dict[str, Any]) -> str:
        """The figures as lines to read."""


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("bench", help="measure this machine with a benchmark; alone: list them")
    command.add_argument("name", nargs="?", help="the benchmark")
    command.add_argument("options", nargs=argparse.REMAINDER, help="its options; NAME --help shows them")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """List the benchmarks, or run one, print its table and write its figures if ``--json FILE`` asks for them."""
    from tasks.store.atomic import write_text

    known = benchmarks(CHECKOUT)
    if arguments.name is None:
        print("\n".join(f"{name:<14}{summary(path)}" for name, path in known.items()))
        return 0
    module = _load(arguments.name, known)
    parser = argparse.ArgumentParser(f"scfm bench {arguments.name}", description=summary(known[arguments.name]))
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures to this file")
    module.add_arguments(parser)
    options = parser.parse_args(arguments.options)
    figures = module.measure(options)
    print(module.table(figures))
    if options.json is not None:
        write_text(options.json, json.dumps(figures, indent=2) + "\n")
    return 0


def benchmarks(checkout: Path) -> dict[str, Path]:
    """Benchmark modules of a source checkout by name. Raises RequestError if there are none."""
    from tasks.store import RequestError

    found = {path.stem.removeprefix(PREFIX): path for path in sorted((checkout / FOLDER).glob(f"{PREFIX}*.py"))}
    if not found:
        raise RequestError(f"no benchmarks in {checkout / FOLDER}: they come with the source checkout, not the wheel")
    return found


def summary(path: Path) -> str:
    """First line of a module's docstring, read without importing it."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n", 1)[0]


def _load(name: str, known: dict[str, Path]) -> Benchmark:
    from tasks.store import RequestError

    if name not in known:
        raise RequestError(f"no benchmark {name}; there are {', '.join(known)}")
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    return cast(Benchmark, importlib.import_module(f"tests.benchmarks.{PREFIX}{name}"))
