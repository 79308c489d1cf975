"""How good an autoencoder is on held-out cells of a source: what it explains, and what its features can be told by.

    fvu = sum ||x - x_hat||^2 / sum ||x - m||^2        m the mean of the source's held-out positions

No autoencoder was trained on these cells. Annotated is, of the features with a gene list in these cells, the share with
a significant gene set, by the rules of section ``describe``; its null is that share of random lists that hold genes as
often (``tasks.analyses.baselines.rates``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.activations.reader import ActivationIndex
from tasks.analyses.baselines.bases import encoded
from tasks.analyses.baselines.rates import annotated_rates, libraries_of
from tasks.analyses.cohort.sources import Source
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes, make_axes
from tasks.codes.firing_sums import sum_firings
from tasks.describe.settings import DescribeSettings
from tasks.references.gene_sets import Library, Sets
from tasks.sae import Sae
from tasks.sae.metrics import reconstruction
from tasks.sae.positions import Positions


@dataclass(frozen=True)
class HeldOut:
    """Held-out cells of a source: ``rows`` int64 [n] of the activations, and the genes and cells behind them."""

    source: str
    rows: NDArray[np.int64]
    axes: Axes
    libraries: Sequence[Library]


def held_out(
    sources: Sequence[Source],
    index: ActivationIndex,
    reader: CellsReader,
    references: Mapping[str, Sets],
    describe: DescribeSettings,
) -> list[HeldOut]:
    """Those of every source; gene sets are cut to the genes that the source's cells show."""
    genes, found = reader.genes(), []
    for source in sources:
        rows = np.flatnonzero(np.isin(index.cell_id, source.heldout))
        axes = make_axes(index.cell_id[rows], index.token[rows], genes)
        found.append(HeldOut(source.name, rows, axes, libraries_of(references, axes, describe)))
    return found


class Judge:
    """Autoencoders of one layer are held against the same cells; ``hidden`` float16 [N, d] are its activations."""

    def __init__(
        self, hidden: Tensor, heldout: Sequence[HeldOut], describe: DescribeSettings, null_draws: int, seed: int
    ) -> None:
        self.hidden, self.heldout = hidden, heldout
        self.describe, self.null_draws, self.seed = describe, null_draws, seed

    def judge(self, sae: Sae) -> list[dict[str, Any]]:
        """One row a source: columns of table ``cohort`` from n_cells on."""
        return [self._row(sae, one) for one in self.heldout]

    def _row(self, sae: Sae, one: HeldOut) -> dict[str, Any]:
        rows = torch.from_numpy(one.rows).to(self.hidden.device)
        positions = Positions(self.hidden, rows[:0], rows)
        found = reconstruction(sae, positions.chunks(rows), positions.mean(rows))
        sums = sum_firings(encoded(sae, self.hidden[rows]), one.axes, sae.n_features)
        told = annotated_rates(sums, one.axes, one.libraries, self.describe, self.null_draws, self.seed)
        return {
            "source": one.source,
            "n_cells": len(one.axes.cell_id),
            "n_positions": len(one.rows),
            "fvu": found.fvu,
            "l0": found.l0,
            "n_alive": sae.n_features - found.n_dead,
            **told,
        }
