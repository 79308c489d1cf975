"""The gene sets that domains are named after, over the genes that any set of the study holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from tasks.codes.axes import read_axes
from tasks.describe.settings import DescribeSettings
from tasks.references.gene_sets import Library, cut_all
from tasks.references.reader import ReferencesReader
from tasks.step import Inputs


@dataclass(frozen=True)
class GeneSets:
    """``members`` [T, G] of sets whose row is known ``by_name``, library and :: before; ``symbols`` [G], upper case."""

    by_name: dict[str, int]
    members: csr_matrix
    symbols: list[str]

    @classmethod
    def of(cls, libraries: Sequence[Library], background: Sequence[str]) -> "GeneSets":
        """Sets of ``libraries`` over ``background``; genes in no set are left out."""
        names = [f"{one.name}::{term}" for one in libraries for term in one.terms]
        nothing = csr_matrix((0, len(background)), dtype=np.int32)
        members = csr_matrix(vstack([nothing, *(one.members for one in libraries)]))
        held = np.flatnonzero(np.asarray(members.sum(axis=0)).ravel())
        symbols = [background[gene].upper() for gene in held.tolist()]
        return cls({name: row for row, name in enumerate(names)}, csr_matrix(members[:, held]), symbols)

    def of_domains(self, names: Sequence[str]) -> csr_matrix:
        """Members [D, G] of the sets that domains are named after."""
        found = csr_matrix(self.members[[self.by_name[name] for name in names]])
        found.sort_indices()
        return found


def read_sets(inputs: Inputs) -> GeneSets:
    """The study's gene sets as step describe tests them."""
    described = inputs.sections.of(DescribeSettings)
    background = read_axes(inputs.folder("activations"), inputs.folder("cells")).background
    references = ReferencesReader(inputs.folder("references"))
    sets = references.gene_sets()
    if described.regulons:
        sets |= {name: targets for name, targets in references.networks().items() if name not in sets}
    return GeneSets.of(cut_all(sets, background, described.min_set, described.max_set), background)
