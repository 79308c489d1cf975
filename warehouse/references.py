"""References between tables as rules: whatever a row refers to exists, in the run.

Where an audited run had the same referring rows, what these refer to existed in that run. So a row can break the rule
only if it has a value that the table referred to had in that run, and has lost in this one. Where none was lost, as is
common, DuckDB does not read the referring rows at all.
"""

from collections.abc import Iterable, Iterator

from warehouse.contracts.contract import Contract, Reference, contracts
from warehouse.query import Query
from warehouse.scope import Scope
from warehouse.sql import identifier, statement


def reference_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    """A rule for each of the table's references."""
    before = scope.audited_alike([contract.table])
    for reference in contract.references:
        check = f"{'_'.join(reference.columns)}_in_{reference.table}"
        meaning = f"{', '.join(reference.columns)} exists in {reference.table}"
        if before is None or not contracts()[reference.table].by_step:
            text = _of_all_rows(reference)
        else:
            earlier = scope.feeding([reference.table], before)
            text = _of_what_was_lost(reference, scope.rows_of_steps(reference.table, earlier))
        yield Query(check, meaning, text, frozenset({contract.table, reference.table}))


def _of_all_rows(reference: Reference) -> str:
    given = " AND ".join(f"{identifier(name, 'batch')} IS NOT NULL" for name in reference.columns)
    same = _same("batch", reference.columns, "referred", reference.to)
    return statement("check_reference", table=identifier(reference.table), same=same, given=given)


def _of_what_was_lost(reference: Reference, rows: str) -> str:
    kept = _same("earlier", reference.to, "referred", reference.to)
    lost = _same("batch", reference.columns, "lost", reference.to)
    return statement("check_reference_again", table=identifier(reference.table), rows=rows, kept=kept, lost=lost)


def _same(left: str, columns: Iterable[str], right: str, others: Iterable[str]) -> str:
    pairs = zip(columns, others, strict=True)
    return " AND ".join(f"{identifier(a, left)} = {identifier(b, right)}" for a, b in pairs)
