"""SQL texts. They live in .sql files; Python fills in checked identifiers and binds every value.

``${name}`` in a statement stands for something built here from the contracts: an identifier, a column list or a
literal. Nothing that a user typed ever enters a statement as text.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Template

from warehouse.contracts.contract import checked_identifier

STATEMENTS = Path(__file__).parent / "statements"
QUERIES = Path(__file__).parent / "queries"


@cache
def _templates() -> dict[str, Template]:
    """Every statement by name: in ``statements/*.sql`` each stands below a line ``-- name: <name>``."""
    texts = [path.read_text() for path in sorted(STATEMENTS.glob("*.sql"))]
    blocks = [block.partition("\n") for text in texts for block in text.split("-- name: ")[1:]]
    names = [name.strip() for name, _, _ in blocks]
    if twice := {name for name in names if names.count(name) > 1}:  # one would silently stand in for the other
        raise ValueError(f"two statements are called {', '.join(sorted(twice))}")
    return {name.strip(): Template(body.strip() + "\n") for name, _, body in blocks}


def statement(name: str, **parts: str) -> str:
    """The text of the statement ``name`` with its parts filled in. Raises KeyError if one is missing."""
    return _templates()[name].substitute(parts)


def query_text(name: str) -> str:
    """The SQL of ``queries/<name>.sql``: questions to a run, whose ``$`` names are bound."""
    return (QUERIES / f"{name}.sql").read_text()


def identifier(name: str, qualifier: str | None = None) -> str:
    """A quoted identifier, ``"name"`` or ``qualifier."name"``."""
    quoted = f'"{checked_identifier(name)}"'
    return f"{checked_identifier(qualifier)}.{quoted}" if qualifier else quoted


def identifiers(names: Iterable[str], qualifier: str | None = None) -> str:
    """Quoted identifiers, separated by commas."""
    return ", ".join(identifier(name, qualifier) for name in names)


def exact(path: Path) -> str:
    """A path for functions that read files: where they look for patterns, it names itself and no other file."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def literal(text: str) -> str:
    """A string literal, for statements that take no bound values (COMMENT, ATTACH)."""
    return "'" + text.replace("'", "''") + "'"
