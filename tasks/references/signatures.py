"""Signatures of knock-downs, read from gene-set files."""

import re
from dataclasses import dataclass
from pathlib import Path

from tasks.references.gene_sets import read_gene_sets
from tasks.store import RequestError

KNOCK_DOWN = re.compile(r"(?P<gene>.+?)_KD(_.*)?")


@dataclass(frozen=True)
class Signature:
    """Genes that rise when ``gene`` is knocked down. ``name`` is the set's own, with the cell line."""

    name: str
    gene: str  # upper case
    up: frozenset[str]


def read_signatures(path: Path) -> list[Signature]:
    """Knock-downs in file order. Raises RequestError if the file is no gene-set file or names no knock-down."""
    named = [(KNOCK_DOWN.fullmatch(name), name, up) for name, up in read_gene_sets(path).items()]
    signatures = [Signature(name, match["gene"].upper(), up) for match, name, up in named if match]
    if not signatures:
        raise RequestError(f"{path}: no set is named GENE_KD or GENE_KD_line: name a file of knock-down signatures")
    return signatures
