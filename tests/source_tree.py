"""The repository's own source as data, for the tests that hold it to its architecture."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import ROOT

# Statements that name something. A bare command (CHECKPOINT, BEGIN) is no query.
SQL_PHRASE = re.compile(
    r"\s*(select\s.+\bfrom\b|insert\s+into\b|delete\s+from\b"
    r"|create\s+(or\s+replace\s+)?(temp(orary)?\s+)?(table|view|schema|index)\b|(drop|alter)\s+(table|view|schema)\b)",
    re.IGNORECASE | re.DOTALL,
)
SQL_COMMAND = re.compile(r"\s*(COPY|ATTACH|DETACH|PRAGMA|SET|UPDATE|WITH|FROM|DESCRIBE|SUMMARIZE)\s+\S")


def committed_files() -> list[Path]:
    """Files in git, relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this copy of the source is no git checkout")
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def python_files(*folders: str) -> list[Path]:
    """Python files of top-level folders, relative to the root."""
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parse(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))


def imported_modules(tree: ast.Module) -> set[str]:
    """Dotted names of all that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def sql_texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of string literals that are SQL. Docstrings are prose."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = _literal(node)
        if text is not None and id(node) not in prose and (SQL_PHRASE.match(text) or SQL_COMMAND.match(text)):
            yield node.lineno, text


def _literal(node: ast.AST) -> str | None:
    """The text of a string or an f-string, with x for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) or "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def code_lines(function: ast.FunctionDef) -> int:
    """Lines of a function from its ``def``, docstring not counted."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    prose = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - prose
