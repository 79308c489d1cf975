"""Which cells do what, so that no number is tested on the cells that it was chosen on.

1. ``choose``: half of the training cells; features rise or fall between their early and late ones (``panel``).
2. ``fit``: the other half, at most ``n_fit``; read-outs learn from them what early and late look like (``bank``).
3. ``steered``: early cells of ``cells_split``, held-out ones by default.

Cells off the trajectory, which have no pseudotime, do none of these.

Early and late are the lowest and highest ``tail`` of the training cells' pseudotimes. With ``panel`` published, all
cells choose and fit, those that are steered among them: the panel then agrees with the read-outs by construction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.steering.step import SteeringSettings
from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader
from tasks.cells.select import group_numbers
from tasks.store import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
FEWEST = 5  # early or late cells that anything is chosen or fitted on
SPLIT_STREAM, FIT_STREAM = 1, 2  # of the seed


@dataclass(frozen=True)
class Roles:
    """By row of the chosen cells [n]: ``time``, and who is ``early``, ``late``, who does ``choose`` and ``fit``.

    ``time`` is NaN off the trajectory. ``donor`` [n] numbers the donors, all 0 where none are told; ``cell_id`` [n].
    """

    cell_id: NDArray[np.uint32]
    time: Floats
    early: Mask
    late: Mask
    choose: Mask
    fit: Mask
    donor: Ints


def assign_roles(settings: SteeringSettings, reader: CellsReader, time: Floats) -> Roles:
    """Roles of the chosen cells at pseudotimes [n]. Raises RequestError where too few cells are early or late."""
    table = reader.cells()
    on = np.isfinite(time)
    training = (table["split"].to_numpy() == "train") & on
    if training.sum() < 4 * FEWEST:
        raise RequestError(
            f"steering: {int(training.sum())} training cells are on the trajectory, {4 * FEWEST} are needed: choose "
            f"more cells (cells.n), or name more of them in steering.where"
        )
    low, high = np.quantile(time[training], [settings.tail, 1 - settings.tail])
    early, late = time <= low, time >= high
    if (early & late).any():
        raise RequestError(
            f"steering.pseudotime: more than a share of {settings.tail:.2f} of the cells stand at one place, so the "
            f"same cells are early and late: lower steering.tail, or name a finer column"
        )
    choose, fit = _halves(settings, training, on)
    donor = _donors(settings, reader)
    if all(np.ptp(time[fit & (donor == one)]) == 0 for one in np.unique(donor[fit])):
        raise RequestError(
            "steering.donor: all cells of a donor stand at one place of the trajectory, so within donors there is "
            "nothing to compare: leave steering.donor out, or name another trajectory"
        )
    roles = Roles(table["cell_id"].to_numpy(), time, early, late, choose, fit, donor)
    for name, cells in (("chosen", roles.choose), ("read-outs are fitted", roles.fit)):
        if min((cells & early).sum(), (cells & late).sum()) < FEWEST:
            raise RequestError(
                f"steering: {(cells & early).sum()} early and {(cells & late).sum()} late cells are left on which "
                f"{'features are ' if name == 'chosen' else ''}{name}, {FEWEST} are needed: choose more cells (cells.n)"
            )
    return roles


def _halves(settings: SteeringSettings, training: Mask, on: Mask) -> tuple[Mask, Mask]:
    if settings.panel == "published":
        return on, _at_most(on, settings)
    order = np.random.default_rng([settings.seed, SPLIT_STREAM]).permutation(np.flatnonzero(training))
    choose, fit = np.zeros_like(training), np.zeros_like(training)
    choose[order[: len(order) // 2]] = True
    fit[order[len(order) // 2 :]] = True
    return choose, _at_most(fit, settings)


def _at_most(cells: Mask, settings: SteeringSettings) -> Mask:
    """``n_fit`` of the cells, drawn by seed."""
    order = np.random.default_rng([settings.seed, FIT_STREAM]).permutation(np.flatnonzero(cells))
    kept = np.zeros_like(cells)
    kept[order[: settings.n_fit]] = True
    return kept


def _donors(settings: SteeringSettings, reader: CellsReader) -> Ints:
    if settings.donor is None:
        return np.zeros(reader.cells().height, dtype=np.int64)
    column = ChosenCells(reader).column(settings.donor, "steering.donor")
    if column.missing.any():
        raise RequestError(
            f"steering.donor: {settings.donor} says nothing of {int(column.missing.sum()):,} cells: leave them out"
        )
    return group_numbers(column.text)
