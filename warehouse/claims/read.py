"""The audit of one run, for programs: what can be claimed, and the numbers behind it."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from warehouse.errors import UnknownName
from warehouse.reading import open_snapshot
from warehouse.sql import statement


@dataclass(frozen=True)
class Audit:
    """``verdicts``: one row per question, in order; ``gates``: one row per question and part of its claim."""

    run_id: str
    verdicts: pa.Table
    gates: pa.Table


def audit_run(home: Path | None = None, run_id: str | None = None) -> Audit:
    """The audit of a run; None is the newest run made here, else the newest imported one.

    Raises UnknownName if there is no such run; NoWarehouse; OldWarehouse.
    """
    with open_snapshot(home) as con:
        found = con.execute(statement("claim_run"), {"run_id": run_id}).fetchone()
        if found is None:
            raise UnknownName(f'run {run_id or ""} is not published: `scfm sql "FROM run"` lists those that are')
        asked = {"run_id": found[0]}
        verdicts, gates = (
            con.execute(statement(name), asked).to_arrow_table() for name in ("claims_of_run", "gates_of_run")
        )
    return Audit(str(found[0]), verdicts, gates)
