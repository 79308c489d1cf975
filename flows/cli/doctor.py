"""``scfm doctor``: is this machine, this model directory, this warehouse fit for use?"""

import argparse
import os
import shutil
from pathlib import Path

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("doctor", help="check this machine, a model directory and the warehouse")
    command.add_argument("--model", metavar="DIR", help="a model directory to look into, or a model of the hub")
    command.add_argument("--study", type=Path, help="look into the model of this study, as it describes it")
    command.add_argument(
        "--cells",
        type=Path,
        metavar="FILE",
        help="cells: how many of their genes the model knows; read as the study's section [cells] says",
    )
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print what was found and what to do about it.

    A warehouse that cannot be used as it is gives exit status 1, a model directory that cannot be used 2.
    """
    from flows.device import resolve_device
    from flows.record import hardware

    home = scfm_home().resolve()
    free = shutil.disk_usage(home if home.exists() else home.parent).free / 1e9
    print(f"machine    {hardware()}, device {resolve_device('auto')}, {free:.0f} GB free, pid {os.getpid()}")
    _look_for_orphans()
    _look_into_model(arguments.model, arguments.study, arguments.cells)
    return _look_into_warehouse(home)


def _look_for_orphans() -> None:
    from warehouse.orphans import orphans

    for orphan in orphans():
        print(f"processes  {orphan}")
        print(f"           -> kill {orphan.pid}")


def _look_into_warehouse(home: Path) -> int:
    from warehouse import examine

    found = examine(home)
    for finding in found:
        print(f"warehouse  {finding.what}")
        if finding.advice:
            print(f"           -> {finding.advice}")
    return int(any(finding.broken for finding in found))


def _look_into_model(path: str | None, study: Path | None, cells: Path | None) -> None:
    """Print what a model is, and what it knows of some cells. Raises RequestError if it cannot be used."""
    from flows.study import load_study
    from tasks.cells.settings import CellsSettings
    from tasks.store import RequestError
    from tasks.vocabulary.model_settings import ModelSettings

    sections = load_study(study).sections if study is not None else None
    model = sections.of(ModelSettings) if sections else ModelSettings()
    if path is not None:
        model = model.model_copy(update={"path": path})
    if model.trained_here:
        if cells is not None or study is not None:
            raise RequestError("doctor: no model directory to look into: give --model DIR, or a --study that names one")
        return
    from tasks.cells.known import known_genes
    from tasks.models.examine import examine_model
    from tasks.vocabulary.directory import given_directory

    found = examine_model(given_directory(model), model.own)
    for name, text in found.lines():
        print(f"{name:<11}{text}")
    if cells is not None:
        read = sections.of(CellsSettings) if sections else None
        print(f"{'cells':<11}{cells}: {known_genes(cells, found.vocabulary, read).line()}")
