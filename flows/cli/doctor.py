"""``scfm doctor``: is this machine, this model directory, this warehouse fit for use?"""

import argparse
import os
import shutil
from pathlib import Path

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("doctor", help="look over machine, model directory and warehouse")
    command.add_argument("--model", type=Path, help="a model directory to look into")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print what was found and what to do about it.

    A warehouse that cannot be used as it is gives exit status 1, a model directory that cannot be used 2.
    """
    from flows.inputs import resolve_device
    from flows.record import hardware

    home = scfm_home().resolve()
    free = shutil.disk_usage(home if home.exists() else home.parent).free / 1e9
    print(f"machine    {hardware()}, device {resolve_device('auto')}, {free:.0f} GB free, pid {os.getpid()}")
    if arguments.model is not None:
        _look_into_model(arguments.model)
    return _look_into_warehouse(home)


def _look_into_warehouse(home: Path) -> int:
    from warehouse import examine

    found = examine(home)
    for finding in found:
        print(f"warehouse  {finding.what}")
        if finding.advice:
            print(f"           -> {finding.advice}")
    return int(any(finding.broken for finding in found))


def _look_into_model(folder: Path) -> None:
    from tasks.models import load_adapter

    info = load_adapter(folder, "cpu").info
    print(f"model      {info.name} ({info.family}): {info.n_layers} layers, width {info.d_model}, {info.n_heads} heads")
    print(f"           {info.n_parameters:,} parameters, {info.vocab_size:,} tokens, sequences up to {info.max_length}")
