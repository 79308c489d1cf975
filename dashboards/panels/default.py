"""The panel of a table that has no picture of its own: its first rows, with the contract's words."""

from functools import partial

from dashboards.data import query_run
from dashboards.layout import described_table
from dashboards.panel import Panel
from dashboards.text import markdown
from warehouse.contracts.contract import contracts

N_ROWS = 1_000


def heading(table: str) -> str:
    """The name of a table in words."""
    return table.replace("_", " ").capitalize()


def table_rows(table: str, height: int | str = "auto") -> None:
    """The first rows of the chosen run in ``table``, what they are, and how many there are."""
    frame = query_run("first_rows", relation=table, n_rows=N_ROWS)
    n_rows = query_run("n_rows", relation=table)["n"][0]
    count = "1 row" if n_rows == 1 else f"{n_rows:,} rows"
    if n_rows > N_ROWS:
        count = f"The first {N_ROWS:,} of {count}"
    words = markdown(contracts()[table].meaning)
    described_table(frame, f"{words} {count} of table {markdown(table)}.", of=(table,), height=height)


def table_panel(table: str) -> Panel:
    """The panel that any table gets that no other panel shows."""
    return Panel(heading(table), (table,), partial(table_rows, table))
