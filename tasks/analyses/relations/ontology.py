"""What lies below what in the Gene Ontology: ``is_a`` and ``part_of`` of an OBO file."""

import re
from collections import defaultdict
from pathlib import Path

from tasks.references.text import numbered_lines
from tasks.store import RequestError

GO_ID = re.compile(r"GO:\d{7}")
UPWARDS = re.compile(r"(?:is_a:|relationship: part_of)\s+(GO:\d{7})")
NO_FILE = "no ontology: relations.ontology is not set"
NO_ID = "the name of a set holds no GO id that the ontology has"

Parents = dict[str, frozenset[str]]


def read_parents(path: Path) -> Parents:
    """The parents of every term. Raises RequestError for a file that cannot be read or has no term."""
    parents: defaultdict[str, set[str]] = defaultdict(set)
    term: str | None = None
    for _, line in numbered_lines(path):
        text = line.strip()
        if text.startswith("["):
            term = None
        elif text.startswith("id: ") and GO_ID.fullmatch(text[4:].strip()):
            term = text[4:].strip()
            parents[term] |= set()
        elif term is not None and (upwards := UPWARDS.match(text)):
            parents[term].add(upwards[1])
    if not parents:
        raise RequestError(f"{path} holds no GO term; give an OBO file such as go-basic.obo")
    return {term: frozenset(own) for term, own in parents.items()}


def ancestors(parents: Parents, term: str) -> frozenset[str]:
    """All terms above ``term``."""
    found: set[str] = set()
    waiting = [term]
    while waiting:
        above = parents.get(waiting.pop(), frozenset()) - found
        found |= above
        waiting.extend(above)
    return frozenset(found)


class Ancestry:
    """Whether one of two sets lies below the other, for sets whose names hold a GO id; None where this is not told."""

    def __init__(self, names: list[str], parents: Parents | None) -> None:
        self._known = parents is not None
        known = parents or {}
        found = [GO_ID.search(name) for name in names]
        self._id = [one[0] if one is not None and one[0] in known else None for one in found]
        self._above = {term: ancestors(known, term) for term in self._id if term is not None}

    def related(self, first: int, second: int) -> tuple[bool | None, str | None]:
        """Whether they are, and why this is not told."""
        if not self._known:
            return None, NO_FILE
        one, other = self._id[first], self._id[second]
        if one is None or other is None:
            return None, NO_ID
        return one == other or one in self._above[other] or other in self._above[one], None
