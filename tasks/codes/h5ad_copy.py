"""A copy of an .h5ad file with more in it: arrays in ``obsm`` and ``uns``, columns in ``obs``; the rest is the same."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from anndata.io import read_elem, write_elem
from numpy.typing import NDArray

from tasks.store import RequestError

SHOWN = 3


@dataclass(frozen=True)
class Additions:
    """What is added, each by its name: ``obsm`` [n_cells, any], ``uns``, ``obs`` [n_cells]."""

    obsm: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    uns: Mapping[str, Any] = field(default_factory=dict)
    obs: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def cell_names(path: Path) -> list[str]:
    """Names of the cells of an .h5ad file. Raises RequestError if it cannot be read, or not be added to."""
    with _opened(path) as file:
        obs = file.get("obs")
        if not isinstance(obs, h5py.Group) or "_index" not in obs.attrs or isinstance(file.get("obsm"), h5py.Dataset):
            raise RequestError(
                f"{path} was not written by anndata 0.8 or later: read it with anndata and write it again"
            )
        return [str(name) for name in read_elem(obs[obs.attrs["_index"]])]


def copy_with(path: Path, out: Path, additions: Additions) -> None:
    """Write ``out``, whole or not at all. Raises RequestError if ``path`` has one of the names already."""
    temporary = out.with_name(f".{out.name}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, temporary)
        with h5py.File(temporary, "r+") as copy:
            _refuse_taken(copy, path, additions)
            _add(copy, additions)
        os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)


def _refuse_taken(copy: h5py.File, path: Path, additions: Additions) -> None:
    wanted = [f"{group}/{name}" for group, given in vars(additions).items() for name in given]
    taken = [name for name in wanted if name in copy]
    if taken:
        raise RequestError(f"{path} has {', '.join(taken[:SHOWN])} already: give the file as it was before")


def _add(copy: h5py.File, additions: Additions) -> None:
    for group in ("obsm", "uns"):
        if group not in copy:
            write_elem(copy, group, {})
        for name, value in getattr(additions, group).items():
            write_elem(copy[group], name, value)
    obs = copy["obs"]
    for name, column in additions.obs.items():
        write_elem(obs, name, np.ascontiguousarray(column))
    if additions.obs:
        obs.attrs["column-order"] = np.array([*obs.attrs["column-order"], *additions.obs], dtype=h5py.string_dtype())


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        reason = str(error).partition("\n")[0]
        raise RequestError(f"--into: {path} cannot be read as .h5ad ({reason}): give an .h5ad file") from None
    with file:
        yield file
