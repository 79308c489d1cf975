"""Gene-set libraries in the GMT format: one set a line, ``name TAB description TAB gene TAB gene …``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from tasks.references.text import numbered_lines
from tasks.store import RequestError

Sets = dict[str, frozenset[str]]  # genes by set, in file order
FEWEST_FIELDS = 3  # a name, a description and one gene
WEIGHTED = re.compile(r"[^,;]+,\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")  # a gene and its weight: TP53,1.0


@dataclass(frozen=True)
class Library:
    """A library cut to a background: ``members`` is binary [n_terms, n_background]."""

    name: str
    terms: list[str]
    members: csr_matrix


def read_gene_sets(path: Path) -> Sets:
    """The sets of a ``.gmt`` or ``.gmt.gz`` file by name, in file order.

    A byte order mark, line ends of Windows, blank lines, empty fields (Enrichr ends its lines in a tab) and weights
    behind a gene (``TP53,1.0``) are dropped.

    Raises RequestError, naming the file and the line, if the file cannot be read, a line has fewer than three
    fields, genes are split by something other than tabs, a name occurs twice, or there is no set at all.
    """
    sets: Sets = {}
    for number, line in numbered_lines(path):
        name, *rest = map(str.strip, line.split("\t"))
        if not name or len(rest) < FEWEST_FIELDS - 1:
            raise RequestError(
                f"{path}, line {number}: not a gene set; a GMT line is a name, a description and genes, split by tabs"
            )
        if name in sets:
            raise RequestError(f"{path}, line {number}: the set {name!r} occurs twice; rename or remove one")
        fields = [field for field in rest[1:] if field]
        if other := _other_mark(line, fields):
            raise RequestError(f"{path}, line {number}: {other} split the genes of {name!r}; put tabs between them")
        sets[name] = frozenset(field.partition(",")[0] for field in fields) if "," in line else frozenset(fields)
    if not sets:
        raise RequestError(f"{path} holds no gene set; name a GMT file with at least one line")
    return sets


def _other_mark(line: str, fields: list[str]) -> str | None:
    """What splits genes inside a field, if anything does.

    A comma is fine only before a weight. Blanks count only where all genes stand in one field: some libraries list
    loci such as ``HOXA CLUSTER`` beside their genes.
    """
    if "," in line and any("," in field and not WEIGHTED.fullmatch(field) for field in fields):
        return "commas"
    if ";" in line and any(";" in field for field in fields):
        return "semicolons"
    return "blanks" if len(fields) == 1 and len(fields[0].split()) > 1 else None


def cut_all(
    libraries: Mapping[str, Mapping[str, frozenset[str]]], background: Sequence[str], min_set: int, max_set: int
) -> list[Library]:
    """Every library cut to the background, as ``cut_to_background`` does it."""
    return [cut_to_background(name, sets, background, min_set, max_set) for name, sets in libraries.items()]


def cut_to_background(
    name: str, sets: Mapping[str, frozenset[str]], background: Sequence[str], min_set: int, max_set: int
) -> Library:
    """Keep of each set the genes of the background, then the sets that have ``min_set`` to ``max_set`` of them.

    Symbols are compared without regard to case: some libraries write ``C20ORF24`` for ``C20orf24``. Columns follow
    ``background`` (distinct symbols), terms the file.
    """
    column = {symbol.upper(): place for place, symbol in enumerate(background)}
    known = frozenset(column)
    terms, rows = [], []
    for term, genes in sets.items():
        found = known.intersection(map(str.upper, genes))
        if min_set <= len(found) <= max_set:
            terms.append(term)
            rows.append(sorted(column[gene] for gene in found))
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
    indices = np.array([place for row in rows for place in row], dtype=np.int64)
    ones = np.ones(indices.size, dtype=np.int32)
    return Library(name, terms, csr_matrix((ones, indices, indptr), shape=(len(rows), len(background))))
