"""One run of a snapshot, asked outside the dashboard: the same queries, without its session and caches."""

from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from warehouse.sql import query_text


@dataclass
class RunReader:
    """Answers about the run ``run_id``; ``con`` is a connection to the snapshot that holds it."""

    con: duckdb.DuckDBPyConnection
    run_id: str
    _stored: set[str] = field(default_factory=set)

    def rows(self, query: str, **values: Any) -> pl.DataFrame:  # noqa: ANN401 - any value that DuckDB can bind
        """Rows of a query for the run."""
        return self.con.execute(query_text(query), {"run_id": self.run_id, **values}).pl()

    def has(self, table: str) -> bool:
        """Whether the snapshot has the table, and the run rows in it."""
        if not self._stored:
            known = self.con.execute(query_text("schema")).pl()
            self._stored = set(known.filter(pl.col("column_name") == "run_id")["table_name"])
        return table in self._stored and bool(self.rows("has_rows", relation=table)["found"][0])
