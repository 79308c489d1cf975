"""Signatures of knock-downs, read from gene-set files."""

import re
from dataclasses import dataclass
from pathlib import Path

from tasks.references.gene_sets import Sets, read_gene_sets
from tasks.store import RequestError

KNOCK_DOWN = re.compile(r"(?P<gene>.+?)_KD(_.*)?")


@dataclass(frozen=True)
class Signature:
    """Genes that rise when ``gene`` is knocked down. ``name`` is the set's own, with the cell line."""

    name: str
    gene: str  # upper case
    up: frozenset[str]


def knock_downs(sets: Sets) -> list[Signature]:
    """The sets that are named after a knock-down, in file order."""
    named = [(KNOCK_DOWN.fullmatch(name), name, up) for name, up in sets.items()]
    return [Signature(name, match["gene"].upper(), up) for match, name, up in named if match]


def read_signatures(path: Path) -> Sets:
    """The knock-downs of a gene-set file. Raises RequestError if it is none or names no knock-down."""
    sets = {signature.name: signature.up for signature in knock_downs(read_gene_sets(path))}
    if not sets:
        raise RequestError(f"{path}: no set is named GENE_KD or GENE_KD_line: name a file of knock-down signatures")
    return sets
