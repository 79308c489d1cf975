"""The questions as views: claim_item (what is asked), claim_gate (numbers by run and part), and the views on them."""

from pathlib import Path

from warehouse.claims.item import Item, items
from warehouse.contracts.contract import contracts
from warehouse.sql import literal, statement

VIEWS = Path(__file__).parent / "views"
OTHERS = {path.stem for path in (Path(__file__).parents[1] / "views").glob("*.sql")}


def claims_sql() -> str:
    """CREATE statements of all views of claims, to be run after the tables and the other views."""
    rows = ",\n".join(_values(place, item) for place, item in enumerate(items()))
    gates = "\nUNION ALL\n".join(
        statement("claim_gate_of", item=literal(item.name), query=item.sql) for item in items() if answerable(item)
    )
    created = statement("create_claim_item", rows=rows) + statement("create_claim_gate", gates=gates)
    return created + "\n".join(path.read_text() for path in sorted(VIEWS.glob("*.sql")))


def answerable(item: Item) -> bool:
    """Whether this version of the program has all tables, views and columns that the question needs."""
    return all(_exists(*name.split(".")) for name in item.needs)


def _exists(table: str, column: str | None = None) -> bool:
    if column is None:
        return table in contracts() or table in OTHERS
    return table in contracts() and column in {each.name for each in contracts()[table].columns}


def _values(place: int, item: Item) -> str:
    texts = (item.name, item.kind, item.question, item.claim, item.level, item.rule, ", ".join(item.needs))
    required = ", ".join(map(literal, item.requires))
    words = ", ".join(map(literal, (*texts, item.next)))
    flags = f"{str(item.of_imports).lower()}, {str(answerable(item)).lower()}"
    return f"({place}, {words}, CAST([{required}] AS VARCHAR[]), {flags})"
