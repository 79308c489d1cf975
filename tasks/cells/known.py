"""How many genes of a cell file a model knows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.cells.counts import find_counts
from tasks.cells.formats.opening import open_cells
from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import identify_genes
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


def known_genes(path: Path, vocabulary: Vocabulary) -> KnownGenes:
    """Look at the genes of a cell file. Raises RequestError if its counts or genes cannot be used."""
    with open_cells(path) as file:
        genes = identify_genes(find_counts(file, None).expression.var, path)
    names = names_for(vocabulary, genes)
    known = GeneTokens.of(names, vocabulary).known
    unknown = [names[i] for i in np.flatnonzero(~known)[:SHOWN]]
    return KnownGenes(len(names), int(known.sum()), unknown)
