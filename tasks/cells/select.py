"""Choose cells by what their obs columns say, and draw among them by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.cells.settings import ObsValue
from tasks.cells.slices import Rows
from tasks.store import RequestError

DEFAULT_LABEL = "cell_type"
SHOWN = 10  # names in an error line
PUBLISHED_POOL = 2000  # cells of the published atlas's draw, of which a study then takes the first


@dataclass(frozen=True)
class Draw:
    """Rows that the filter leaves: ``shuffled``, all in a seeded random order; ``order``, those to try, in turn."""

    shuffled: Rows
    order: Rows


def filter_cells(
    obs: pd.DataFrame, where: Mapping[str, ObsValue | Sequence[ObsValue]], path: Path
) -> NDArray[np.bool_]:
    """Which cells have the wanted values in all named columns, [n_cells].

    Raises RequestError for a column, or a value, that the file does not have.
    """
    kept = np.ones(len(obs), dtype=bool)
    for column, wanted in where.items():
        values = _as_text(_column(obs, column, "cells.where", path))
        texts = [_text(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        present = sorted(set(values))
        for text in sorted(set(texts).difference(present)):
            raise RequestError(f"cells.where: no cell of {path} has {column} = {text}: there are {_list(present)}")
        kept &= np.isin(values, texts)
    return kept


def draw(kept: NDArray[np.bool_], seed: int, kind: Literal["seeded", "published"]) -> Draw:
    """Draw among the cells marked in ``kept`` [n_cells]: all at random, or ``published_pool``."""
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(kept))
    return Draw(shuffled, published_pool(kept, seed) if kind == "published" else shuffled)


def published_pool(kept: NDArray[np.bool_], seed: int) -> Rows:
    """Rows of a random 2,000 of the kept cells, ascending; of all if there are no more.

    The numbers are those of ``np.random.seed(seed)`` and ``np.random.choice`` without replacement.
    """
    eligible = np.flatnonzero(kept)
    if len(eligible) <= PUBLISHED_POOL:
        return eligible
    return np.sort(np.random.RandomState(seed).choice(eligible, PUBLISHED_POOL, replace=False))


def cell_labels(obs: pd.DataFrame, column: str | None, path: Path) -> list[str | None]:
    """The label of every cell; None without one. Without a ``column``, ``cell_type`` serves if it is there.

    Raises RequestError if the named column is not in the file.
    """
    if column is None and DEFAULT_LABEL not in obs.columns:
        return [None] * len(obs)
    values = _column(obs, column or DEFAULT_LABEL, "cells.label", path)
    return [None if missing else text for text, missing in zip(_as_text(values), values.isna(), strict=True)]


def _column(obs: pd.DataFrame, column: str, setting: str, path: Path) -> pd.Series:
    if column not in obs.columns:
        raise RequestError(f"{setting}: {path} has no obs column {column}: it has {_list(list(map(str, obs.columns)))}")
    return obs[column]


def _as_text(values: pd.Series) -> list[str]:
    return [_text(value) for value in values]


def _text(value: object) -> str:
    """One spelling for what TOML and HDF5 spell differently: True and true, 3 and 3.0."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    text = str(value)
    return text.lower() if text in ("True", "False") else text


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more if names else "none"
