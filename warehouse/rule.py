"""A rule about a table: what breaks it, as SQL, and the same as an expectation of Great Expectations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from great_expectations.expectations.expectation import Expectation

from warehouse.sql import statement


@dataclass(frozen=True)
class Rule:
    """One check of a table's suite.

    ``names``: the tables whose rows decide it. ``breaks``: of a rule about single values, a condition on a row of
    ``batch``, and ``column`` is given; else a query for the rows that break it. ``kind`` and ``arguments``: what the
    expectation is made of.
    """

    check: str
    meaning: str
    names: frozenset[str]
    breaks: str
    kind: type[Expectation]
    arguments: Mapping[str, Any]
    column: str | None = None

    def expectation(self) -> Expectation:
        """The rule as an expectation whose ``meta["check"]`` is its name."""
        return self.kind(description=self.meaning, meta={"check": self.check}, **self.arguments)

    def rows(self, batch: str) -> str:
        """The query for the rows that break it; ``batch``: the statement that gives the rows it is asked of."""
        return statement("rows_with_values", rows=batch, condition=self.breaks) if self.column else self.breaks

    @property
    def expectation_type(self) -> str:
        """Great Expectations' name of the kind."""
        return str(self.kind.expectation_type)
