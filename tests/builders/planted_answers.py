"""Firings of perturbed and control cells whose truth is known.

Each feature fires on a gene with a chance of the gene's own, moved by the batch of the cell. Cells of a perturbation
hold other genes than control cells (SHIFTED of them more often), which moves means over all positions and means
nothing. A feature of ``answers`` fires more often in the cells of its perturbation, on every gene alike. Feature RARE
never fires in control cells, and once in each perturbation's.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.analyses.responses.labels import CellLabels, number_labels
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.codes.axes import Axes, make_axes
from tasks.codes.reader import Firings
from tests.builders.planted_pairs import firings

N_GENES, PER_CELL, N_FEATURES, SHIFTED = 60, 30, 40, 20
CONTROL, BATCHES, RARE = "non-targeting", ("x", "y"), N_FEATURES - 1


@dataclass(frozen=True)
class Cells:
    """``fires`` bool [N, F]; ``label`` and ``batch`` of C cells; ``answers``: features by perturbation."""

    fires: np.ndarray
    axes: Axes
    label: np.ndarray
    batch: np.ndarray
    answers: dict[str, list[int]]

    @property
    def firings(self) -> list[Firings]:
        return firings(self.fires)

    @property
    def labels(self) -> CellLabels:
        return number_labels(ResponsesSettings(), self.label, None, self.batch, None)


def plant_answers(
    seed: int = 0, n_perturbations: int = 4, n_cells: int = 40, n_control: int = 160, strength: float = 0.12
) -> Cells:
    """Perturbation ``G<k>`` has features 5 k to 5 k + 4; ``strength`` is added to their chance of 0.1 to 0.4."""
    rng = np.random.default_rng([seed, 50])
    names = [f"G{k}" for k in range(n_perturbations)]
    label = np.array([CONTROL] * n_control + [name for name in names for _ in range(n_cells)], dtype=object)
    share = {name: rng.uniform(0.3, 0.7) for name in [CONTROL, *names]}
    batch = np.array([BATCHES[int(rng.random() < share[name])] for name in label], dtype=object)
    weight = {name: np.ones(N_GENES) for name in names}
    for name in names:
        weight[name][rng.permutation(N_GENES)[:SHIFTED]] = 4.0
    gene = np.concatenate([_genes(rng, weight.get(name, np.ones(N_GENES))) for name in label])
    cell = np.repeat(np.arange(len(label)), PER_CELL)
    answers = {name: list(range(5 * k, 5 * k + 5)) for k, name in enumerate(names)}
    chance = rng.uniform(0.1, 0.4, (N_GENES, N_FEATURES))[gene]
    chance += np.where(batch[cell] == "x", 0.0, rng.uniform(-0.08, 0.08, N_FEATURES)[:, None]).T
    for name, features in answers.items():
        chance[np.ix_(label[cell] == name, features)] += strength
    fires = rng.random(chance.shape) < chance
    fires[:, RARE] = False
    for name in names:
        fires[np.flatnonzero(label[cell] == name)[0], RARE] = True
    return Cells(fires, _axes(cell, gene), label, batch, answers)


def _genes(rng: np.random.Generator, weight: np.ndarray) -> np.ndarray:
    return rng.choice(N_GENES, PER_CELL, replace=False, p=weight / weight.sum())


def _axes(cell: np.ndarray, gene: np.ndarray) -> Axes:
    names = [f"G{g}" for g in range(N_GENES)]
    table = pl.DataFrame({"gene_id": [f"ENS{name}" for name in names], "symbol": names, "token_id": np.arange(N_GENES)})
    return make_axes(cell.astype(np.uint32), gene.astype(np.int32), table)
