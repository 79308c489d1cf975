"""What the chosen run holds and what it lacks: tables with rows, and analyses that were not made."""

from collections.abc import Iterable

import polars as pl

from dashboards.data import query_run, run_query

ANALYSES = "run_analysis"  # absent from warehouses that were published before there was such a table


def stored(table: str) -> bool:
    """Whether the snapshot has a table or view of that name with a column ``run_id``."""
    return not run_query("schema").filter(table_name=table, column_name="run_id").is_empty()


def has_rows(table: str) -> bool:
    """Whether ``table`` has rows of the chosen run."""
    return stored(table) and bool(query_run("has_rows", relation=table)["found"][0])


def not_made(tables: Iterable[str]) -> pl.DataFrame:
    """Analyses that write some of ``tables`` and were not made in the chosen run.

    Columns: step, title, tables (names with commas), how (what to write in the study). Empty where nothing is known.
    """
    nothing = pl.DataFrame(schema=dict.fromkeys(("step", "title", "tables", "how"), pl.String))
    if not stored(ANALYSES):
        return nothing
    written = pl.col("tables").str.replace_all(" ", "").str.split(",")
    missing = query_run("analyses").filter(~pl.col("made")).drop("made")
    return missing.filter(written.list.set_intersection(sorted(tables)).list.len() > 0)


def titles_of_tables() -> dict[str, str]:
    """Titles of analyses by the tables that they write; empty where the warehouse does not know."""
    if not stored(ANALYSES):
        return {}
    analyses = query_run("analyses").select("title", "tables").iter_rows()
    return {table.strip(): title for title, tables in analyses for table in tables.split(",")}
