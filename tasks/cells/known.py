"""How many genes of a cell file a model knows, and what share of the counts of the chosen cells is of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.counts import find_counts
from tasks.cells.formats.opening import open_cells
from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import Genes, identify_genes
from tasks.cells.settings import CellsSettings
from tasks.cells.slices import Values
from tasks.cells.species import of_ids
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary

SHOWN = 5


@dataclass(frozen=True)
class KnownGenes:
    """Genes of a file, those of them that a model knows, and the names of the first that it does not."""

    n_genes: int
    n_known: int
    unknown: list[str]

    def line(self) -> str:
        """The same to read."""
        share = f"{self.n_known:,} of {self.n_genes:,} genes known ({self.n_known / self.n_genes:.1%})"
        return share + (f"; unknown: {', '.join(self.unknown)}" if self.unknown else "")


def known_genes(path: Path, vocabulary: Vocabulary, read: CellsSettings | None = None) -> KnownGenes:
    """Look at the genes of a cell file, read as a study's settings say. Raises RequestError if they cannot be used."""
    read = read or CellsSettings()
    with open_cells(path, read.genome) as file:
        counts = find_counts(file, read.counts, read.genome, read.values, read.recover)
        genes = identify_genes(counts.expression.var, path)
    names = names_for(vocabulary, genes)
    known = GeneTokens.of(names, vocabulary).known
    unknown = [names[i] for i in np.flatnonzero(~known)[:SHOWN]]
    return KnownGenes(len(names), int(known.sum()), unknown)


@dataclass(frozen=True)
class KnownShare:
    """What of the chosen cells a model knows, and what of them has an Ensembl id.

    ``of_cell`` [n_cells]: the share of each cell's counts that is of known genes; the others are over all chosen cells.
    """

    of_cell: Values
    n_genes: int
    known_genes: int
    known_counts: float
    identified_genes: int
    identified_counts: float
    foreign: dict[str, int]

    @classmethod
    def of(cls, counts: csr_matrix, known: NDArray[np.bool_], genes: Genes) -> "KnownShare":
        """Shares of ``counts`` [n_cells, n_genes]; ``known`` [n_genes]: the genes of the model."""
        cells, totals = _row_sums(counts, known), _row_sums(counts, np.ones_like(known))
        identified = genes.identified
        return cls(
            of_cell=cells / totals,
            n_genes=len(known),
            known_genes=int(known.sum()),
            known_counts=float(cells.sum() / totals.sum()),
            identified_genes=int(identified.sum()),
            identified_counts=float(_row_sums(counts, identified).sum() / totals.sum()),
            foreign=of_ids(genes.frame["gene_id"]),
        )

    def line(self) -> str:
        """The same to read."""
        other = "".join(f"; genes of {species}: {n:,}" for species, n in self.foreign.items())
        return (
            f"the model knows {self.known_counts:.1%} of the counts and {self.known_genes:,} of {self.n_genes:,} "
            f"genes; {self.identified_counts:.1%} of the counts and {self.identified_genes:,} genes have an Ensembl id"
            f"{other}"
        )

    def figures(self) -> dict[str, float]:
        """What a run records."""
        return {
            "known_genes": self.known_genes,
            "known_counts": self.known_counts,
            "identified_genes": self.identified_genes,
            "identified_counts": self.identified_counts,
        }

    def refuse_below(self, bound: float, trained_here: bool, names: Sequence[str], cells: str) -> None:
        """Raise RequestError if too few counts are of known genes, or, for a model trained here, of identified ones.

        ``names`` [n_genes]: what the genes are called; ``cells``: the files.
        """
        if (self.identified_counts if trained_here else self.known_counts) >= bound:
            return
        raise RequestError(
            f"{cells}: {self.line()}, less than cells.min_known = {bound:g} (genes are {', '.join(names[:3])}, ...): "
            "give cells of the species and with the gene names of the model, or lower cells.min_known"
        )


def _row_sums(counts: csr_matrix, genes: NDArray[np.bool_]) -> Values:
    sums: Values = np.asarray(counts @ genes.astype(np.float64)).ravel()
    return sums
