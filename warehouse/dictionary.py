"""The data dictionary: every table and column in words, as Markdown."""

from warehouse.contracts.contract import Column, Contract, contracts


def data_dictionary() -> str:
    """One section a table, in name order, with a row for every column."""
    return "\n".join(_section(contract) for contract in contracts().values())


def _section(contract: Contract) -> str:
    lines = [
        f"### {contract.table}",
        "",
        contract.meaning,
        f"Key: {', '.join(f'`{name}`' for name in contract.key)}.",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(_row(column) for column in contract.columns),
        "",
    ]
    return "\n".join(lines)


def _row(column: Column) -> str:
    kind = column.type + _nulls(column)
    words = [column.meaning, _unit(column), _range(column), _allowed(column)]
    return f"| `{column.name}` | {kind} | {'; '.join(word for word in words if word)} |"


def _nulls(column: Column) -> str:
    if column.imported_null:
        return ", NULL in imported runs only"
    if column.imported_only:
        return ", given in imported runs only"
    return ", may be NULL" if column.nullable else ""


def _unit(column: Column) -> str:
    return f"in {column.unit}" if column.unit else ""


def _range(column: Column) -> str:
    if column.min is not None and column.max is not None:
        return f"{column.min:g} to {column.max:g}"
    if column.min is not None:
        return f"at least {column.min:g}"
    return f"at most {column.max:g}" if column.max is not None else ""


def _allowed(column: Column) -> str:
    return f"one of {', '.join(f'`{value}`' for value in column.allowed)}" if column.allowed else ""
