"""The documents and their generated parts: ``python -m flows.documents`` writes each part between its markers."""

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path

from dashboards.readme import page_table
from flows.keys import TOP, Key, study_keys
from tasks.step import Reads, Step
from tasks.steps import STEPS
from warehouse.claims.readme import claim_table
from warehouse.dictionary import data_dictionary
from warehouse.readme import questions

ROOT = Path(__file__).parents[1]
FOLDERS = ("flows", "tasks", "warehouse", "dashboards", "tests")
DOCUMENTS = (
    ROOT / "README.md",
    *(ROOT / folder / "README.md" for folder in FOLDERS),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
)


def key_tables() -> str:
    """Every key of a study: one section per section of the study, one row per key, as Markdown."""
    sections = groupby(study_keys(), key=lambda key: key.section)
    return "\n".join(_section(name, list(keys)) for name, keys in sections)


def step_table() -> str:
    """One row per step, in the order in which they run, as Markdown."""
    head = "| step | version | does | reads | fills tables | is part of a study |\n|---|---|---|---|---|---|\n"
    return head + "".join(map(_step, STEPS))


PARTS: Mapping[str, Callable[[], str]] = {
    "pages": page_table,
    "keys": key_tables,
    "steps": step_table,
    "questions": questions,
    "claims": claim_table,
    "dictionary": data_dictionary,
}


def filled(text: str) -> str:
    """``text`` with every part between ``<!-- name -->`` and ``<!-- /name -->`` generated again."""
    for name, part in PARTS.items():
        if f"<!-- {name} -->" in text:
            text = replaced(text, name, part())
    return text


def replaced(text: str, name: str, part: str) -> str:
    """``text`` with ``part`` between ``<!-- name -->`` and ``<!-- /name -->``."""
    marked = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}{part}\n{found[2]}", text)


def _section(name: str, keys: list[Key]) -> str:
    title = "Keys outside all sections" if name == TOP else f"[{name}]"
    rows = (f"| `{key.key}` | {_cell(key.kind)} | {_value(key.default)} | {_cell(key.meaning)} |\n" for key in keys)
    return f"### {title}\n\n| key | type | default | meaning |\n|---|---|---|---|\n{''.join(rows)}"


def _value(default: str) -> str:
    """A default as code; it is ``unset`` where the key has none, and empty where a value must be given."""
    if default in ("", "unset"):
        return default or "must be given"
    return f"`{_cell(default)}`"


def _step(step: Step) -> str:
    reads = [*_listed(step.reads), *_listed(step.reads_others, " of other studies")]
    tables = (f"[{table}](../warehouse/README.md#{table})" for table in step.tables)
    asked = step.how and f"if you {step.how}"
    words = [f"`{step.name}`", str(step.version), step.title, ", ".join(reads), ", ".join(tables), asked or "always"]
    return f"| {' | '.join(map(_cell, words))} |\n"


def _listed(reads: Mapping[str, Reads], behind: str = "") -> list[str]:
    """Names of steps, with which of their layers are read where they have one folder per layer."""
    return [f"`{name}`{behind}{each.words and f' ({each.words})'}" for name, each in reads.items()]


def _cell(text: str) -> str:
    """Text that may stand in a cell of a table."""
    return text.replace("|", r"\|").replace("\n", " ")


if __name__ == "__main__":
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text()))
