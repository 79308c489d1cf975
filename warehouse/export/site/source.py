"""What a site is made of: one published run, asked by named statements, range by range."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.sql import query_text, statement

PARAMETER = re.compile(r"\$(\w+)")
PREPARED = ("memory", "number", "autoencoders", "features", "genes", "terms")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Autoencoder:
    """``key``: its name in addresses; ``n_features``: numbers of features run from 0 to below it."""

    sae_id: str
    key: str
    n_features: int


class Source:
    """A run in an open snapshot. ``rule``: by which pages list edges; None where nothing was traced."""

    def __init__(self, con: duckdb.DuckDBPyConnection, run: dict[str, Any]) -> None:
        self._con = con
        self.run = run
        self._values: dict[str, Any] = {"run_id": run["run_id"]}
        for name in PREPARED:
            self.rows(name)
        self.rule: str | None = self.rows("rule")[0][0]
        self._values["rule"] = self.rule
        self.saes = [Autoencoder(*row) for row in self.rows("list_autoencoders")]

    def rows(self, name: str, parts: dict[str, str] | None = None, **values: Any) -> list[Row]:  # noqa: ANN401
        """Rows of the statement ``site_<name>``; ``values`` are bound to its ``$`` names, ``parts`` filled in."""
        return self._asked(statement(f"site_{name}", **(parts or {})), values).fetchall()

    def records(self, name: str, **values: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any value DuckDB can bind
        """Rows of ``site_<name>`` by the names of their columns."""
        return _named(self._asked(statement(f"site_{name}"), values))

    def answers(self, query: str, **values: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        """Rows of one of the dashboard's queries, by the names of their columns."""
        return _named(self._asked(query_text(query), values))

    def _asked(self, sql: str, values: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        known = self._values | values
        return self._con.execute(sql, {name: known[name] for name in PARAMETER.findall(sql)})


def ranges(n: int, length: int) -> Iterator[tuple[int, int]]:
    """First and last number of each stretch of ``length`` of the numbers below ``n``."""
    for first in range(0, n, length):
        yield first, min(first + length, n) - 1


def _named(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
