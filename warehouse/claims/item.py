"""The questions of the audit: ``items/<number>_<name>.sql``, each declared by the comment at its top.

A file opens with lines ``-- key: text``, which may go on in lines that are indented further. An empty comment ends
them.

* kind: the heading under which the question stands; question; claim: what somebody would say
* level: how much the claim says (``LEVELS``), or none if it is about the data and the machinery
* rule: the number of the rule of thumb (``RULES``) that the question applies
* needs: tables, views and columns (``table.column``) without which nothing can be told
* requires: questions that must be answered with *supported* before this one can be
* next: what to run where the answer is no, or cannot be given
* of: imports, where only they can be asked; left out, all runs are

The query below gives one row per run and part of the claim, such as a layer: run_id, part, sound (whether the numbers
can decide), passed (NULL if they do not), observed, bound (what it is held against) and why, a sentence with numbers.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from warehouse.contracts.contract import checked_identifier

FOLDER = Path(__file__).parent / "items"
LEVELS = {
    "decoding": "is associated with",
    "agreement": "is found elsewhere, too",
    "intervention-consistent": "changes when the feature is edited",
    "mechanism": "is computed by",
}
RULES = {
    "P0": "the machinery works",
    "P1": "beyond chance",
    "P2": "beyond the simplest rule without a model",
    "P3": "the thing measured is the thing named",
    "P4": "counted in units that a repetition would draw anew",
    "P5": "not the best of many tries",
    "P6": "a negative answer could have been positive",
    "P7": "not resting on one case",
    "P8": "an interval that holds its estimate",
    "P9": "no stronger word than the evidence",
    "P10": "recomputed from what is stored",
}
KEYS = ("kind", "question", "claim", "level", "rule", "needs", "requires", "next", "of")
OPTIONAL = {"requires", "of"}
LINE = re.compile(r"-- (\w+): (.*)|--   +(.*)")


@dataclass(frozen=True)
class Item:
    """One question. ``sql`` is the query without the comment that declares it."""

    name: str
    kind: str
    question: str
    claim: str
    level: str
    rule: str
    needs: tuple[str, ...]
    requires: tuple[str, ...]
    next: str
    of_imports: bool
    sql: str


@cache
def items() -> tuple[Item, ...]:
    """All questions, in the order of their files."""
    return tuple(read_item(path.stem.partition("_")[2], path.read_text()) for path in sorted(FOLDER.glob("*.sql")))


def read_item(name: str, text: str) -> Item:
    """A question from the text of its file. Raises ValueError, with what is missing or unknown."""
    said, lines = _declared(text)
    if wrong := (set(said) ^ set(KEYS)) - (OPTIONAL - set(said)):
        raise ValueError(f"question {name}: {', '.join(sorted(wrong))} is missing or unknown")
    if said["level"] not in (*LEVELS, "none") or said["rule"] not in RULES:
        raise ValueError(f"question {name}: no such level or rule: {said['level']}, {said['rule']}")
    return Item(
        name=checked_identifier(name),
        kind=said["kind"],
        question=said["question"],
        claim=said["claim"],
        level=said["level"],
        rule=said["rule"],
        needs=_names(said["needs"]),
        requires=_names(said.get("requires", "")),
        next=said["next"],
        of_imports=said.get("of") == "imports",
        sql="\n".join(lines).strip(),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w.]+", text))


def _declared(text: str) -> tuple[dict[str, str], list[str]]:
    """What the comment says, by key, and the lines after it."""
    said: dict[str, str] = {}
    last = ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = LINE.fullmatch(line)
        if found is None:
            return said, lines[number + (line == "--") :]
        if found[1]:
            last = found[1]
            said[last] = found[2].strip()
        else:
            said[last] = f"{said[last]} {found[3].strip()}"
    return said, []
