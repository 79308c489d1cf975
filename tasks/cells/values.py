"""Cells for models that read a value beside each gene: bins (scGPT), or log-normalised counts (scFoundation).

1. Counts of genes with one token are summed; known genes with a count stand in ascending order of token.
2. Bins: with the q = n_bins - 1 quantiles e_1 <= ... <= e_q of the cell's counts at 0, 1/(q-1), ..., 1, a count x falls
   into a bin drawn uniformly between #{e < x} + 1 and #{e <= x}: a count that several edges share, as most ones do, is
   spread over their bins. The draw is seeded by ``seed`` and the cell's id, so that a cell's bins depend on no other.
3. Log values: log(1 + count / total * 10,000), where the total is that of the genes the model knows; behind the genes
   stand T = 4, the depth to predict, and S = log10(total), the depth seen (Hao et al., Nature Methods 2024).
4. A cell with more genes than there is room for shows a choice of them: ``random``, drawn from the same generator;
   ``highest`` counts, the smaller token first among equals; ``variable``: in every cell only genes that vary most among
   the training cells. Bins, totals and S are those of all known genes. ``every_variable``: these genes in every cell,
   with a count or value 0, and bins of these genes alone (``forms``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.informative import informative_genes
from tasks.cells.reader import TokenizedCells
from tasks.store.progress import track
from tasks.vocabulary.vocabulary import Vocabulary

Counts = NDArray[np.float64]
GeneChoice = Literal["random", "highest", "variable", "every_variable"]


@dataclass(frozen=True)
class ValueEncoder:
    """Turns the counts of a cell into values, and chooses genes where there is no room for all."""

    vocabulary: Vocabulary
    seed: int
    choice: GeneChoice
    variable: NDArray[np.int64]  # tokens, for the choices of that name
    start: float | None = None  # the value of <cls>, where it is not the vocabulary's

    def encode(self, counts: csr_matrix, cell_id: NDArray[np.uint32]) -> TokenizedCells:
        """Token sequences with values; ``counts`` [n_cells, n_tokens] by token."""
        cells = []
        for i, cell in enumerate(track(cell_id, "tokenising", len(cell_id), "cell")):
            row = slice(counts.indptr[i], counts.indptr[i + 1])
            cells.append(
                self._cell(counts.indices[row], counts.data[row], np.random.default_rng([self.seed, int(cell)]))
            )
        tokens, values = (np.concatenate(part) for part in zip(*cells, strict=True))
        offsets = np.concatenate([[0], np.cumsum([len(cell) for cell, _ in cells])]).astype(np.int64)
        return TokenizedCells(tokens.astype(np.int32), offsets, cell_id, values.astype(np.float32))

    def _cell(self, token: NDArray[np.int32], count: Counts, rng: np.random.Generator) -> tuple[Counts, Counts]:
        total = count.sum()
        if self.choice == "every_variable":
            token, count = self._with_zeros(token, count)
        value = np.zeros(len(count))
        value[count > 0] = self._values(count[count > 0], rng)
        kept = self._chosen(token, count, rng)
        front, behind = self.vocabulary.front, self.vocabulary.behind
        special = {name: self.vocabulary.special_value(name) for name in (*front, *behind)}
        special |= {} if self.start is None else {"<cls>": self.start}
        special |= {"<S>": float(np.log10(total + 1e-10))} if "<S>" in behind else {}
        parts = [
            ([self.vocabulary.special[name] for name in names], [special[name] for name in names])
            for names in (front, behind)
        ]
        return (
            np.concatenate([parts[0][0], token[kept], parts[1][0]]),
            np.concatenate([parts[0][1], value[kept], parts[1][1]]),
        )

    def _values(self, count: Counts, rng: np.random.Generator) -> Counts:
        """What the model reads of counts above 0."""
        return ENCODERS[self.vocabulary.encoding.kind](count, self.vocabulary.encoding.n_bins, rng)

    def _with_zeros(self, token: NDArray[np.int32], count: Counts) -> tuple[NDArray[np.int32], Counts]:
        """All variable genes, and their counts."""
        every, shown = np.zeros(len(self.variable)), np.isin(token, self.variable)
        every[np.searchsorted(self.variable, token[shown])] = count[shown]
        return self.variable.astype(np.int32), every

    def _chosen(self, token: NDArray[np.int32], count: Counts, rng: np.random.Generator) -> NDArray[np.int64]:
        """Places, ascending, of the genes that the model is shown."""
        every, room = np.arange(len(token)), self.vocabulary.room
        if self.choice == "every_variable":
            return every
        if self.choice == "variable":
            return every[np.isin(token, self.variable)]
        if len(token) <= room:
            return every
        order = np.argsort(-count, kind="stable") if self.choice == "highest" else rng.permutation(every)
        return np.sort(order[:room])


def value_encoder(vocabulary: Vocabulary, seed: int, choice: GeneChoice, training: csr_matrix) -> ValueEncoder:
    """The encoder; ``training``: counts of the training cells by token, from which variable genes are told."""
    fitting = choice in ("variable", "every_variable")
    variable = informative_genes(training, vocabulary.room, 1) if fitting else np.empty(0, np.int64)
    return ValueEncoder(vocabulary, seed, choice, variable)


def draw_bins(count: Counts, n_bins: int, rng: np.random.Generator) -> Counts:
    """The bin, 1 to ``n_bins`` - 1, of every count above zero of a cell."""
    if not len(count):
        return count
    edges = np.quantile(count, np.linspace(0, 1, n_bins - 1))
    below, up_to = np.searchsorted(edges, count, "left"), np.searchsorted(edges, count, "right")
    lowest = np.minimum(below + 1, up_to)
    drawn: Counts = rng.integers(lowest, up_to, endpoint=True).astype(np.float64)
    return drawn


def log_values(count: Counts, _n_bins: int, _rng: np.random.Generator) -> Counts:
    """log(1 + counts per 10,000) of a cell's counts."""
    logarithms: Counts = np.log1p(count / max(count.sum(), 1) * 1e4)
    return logarithms


ENCODERS: dict[str, Callable[[Counts, int, np.random.Generator], Counts]] = {
    "bins": draw_bins,
    "log_values": log_values,
}
