"""Of which species genes are, as far as their names tell: Ensembl's prefixes, or symbols in mouse spelling."""

import re
from collections import Counter
from collections.abc import Iterable

from tasks.cells.names import symbol_table

PREFIX = re.compile(r"(ENS[A-Z]*G)\d{11}")
HUMAN = "ENSG"
SPECIES = {
    "ENSMUSG": "mouse",
    "ENSRNOG": "rat",
    "ENSDARG": "zebrafish",
    "ENSMMUG": "rhesus macaque",
    "ENSMFAG": "crab-eating macaque",
    "ENSPTRG": "chimpanzee",
    "ENSSSCG": "pig",
    "ENSBTAG": "cow",
    "ENSOCUG": "rabbit",
    "ENSGALG": "chicken",
    "ENSXETG": "frog",
    "ENSCAFG": "dog",
}
TITLE_CASE = re.compile(r"(mt-)?[A-Z][a-z][a-z0-9-]*|(mt-)?[A-Z][0-9]+[a-z][a-z0-9-]*")
FEWEST = 20  # names in mouse spelling below which nothing is said


def of_ids(ids: Iterable[str]) -> dict[str, int]:
    """How many Ensembl ids there are of each species but humans, most first."""
    prefixes = Counter(match[1] for match in map(PREFIX.fullmatch, ids) if match and match[1] != HUMAN)
    return {SPECIES.get(prefix, f"another species ({prefix}...)"): n for prefix, n in prefixes.most_common()}


def in_mouse_spelling(names: Iterable[str | None]) -> int:
    """How many names are human symbols in the spelling of mouse genes: Gapdh, mt-Nd1."""
    id_of, _ = symbol_table()
    return sum(
        name is not None and name not in id_of and TITLE_CASE.fullmatch(name) is not None and name.upper() in id_of
        for name in names
    )


def foreign_species(symbols: Iterable[str | None]) -> str | None:
    """``mouse or rat`` if more symbols are in mouse spelling than are human, and at least ``FEWEST``."""
    id_of, _ = symbol_table()
    given = list(symbols)
    mouse, human = in_mouse_spelling(given), sum(symbol in id_of for symbol in given)
    return "mouse or rat" if mouse >= FEWEST and mouse > human else None
