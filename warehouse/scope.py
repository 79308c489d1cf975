"""Which rows an audit looks at: those of one run, and among them those of steps that no audit has seen before.

A rule about single rows is asked of the new steps' rows alone. Any other check is a function of the run's rows in the
tables that it names, and these are the rows of those of the run's steps that feed the tables. So it need not be asked
again if some run that was audited before has just the same steps among those that feed these tables: it then was asked
of the same rows. In every other case it is asked of all the run's rows, also where its own table has got none but
another that it names has. Tables about runs differ from run to run: what names one is always asked, and so is what no
step of the run feeds.

A reference between tables needs less where an audited run has the same referring rows: it can break only at values that
the table referred to had in that run and has lost in this one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from warehouse.contracts.contract import contracts
from warehouse.derive import FOLLOWED, TABLES
from warehouse.sql import identifier, literal, statement

LEDGER = "work_unit"
REPORT = "quality_result"
IMPORTS = ("atlas", "deposit")  # the steps that read published files
Steps = frozenset[str]


@dataclass(frozen=True)
class Scope:
    """A run's steps in an open file.

    ``steps``: the tables that each of them feeds, by step key. ``imported``: those that read published files.
    ``audited``: the steps of every run that was audited before. ``others``: the tables that steps of other runs feed.
    ``alone``: the file holds rows of no other step.
    """

    run_id: str
    steps: Mapping[str, Steps]
    imported: Steps = frozenset()
    audited: tuple[Steps, ...] = ()
    others: Mapping[str, Steps] = field(default_factory=dict)
    alone: bool = False

    @property
    def new(self) -> Steps:
        """Steps of the run that no audit has seen."""
        return frozenset(self.steps) - frozenset().union(*self.audited)

    def feeding(self, tables: Iterable[str], among: Iterable[str] | None = None) -> Steps:
        """Those of the run's steps, or of some of them, that feed one of the tables."""
        fed, wanted = {**self.others, **self.steps}, set(tables)
        return frozenset(step for step in (self.steps if among is None else among) if wanted & fed[step])

    def is_asked(self, tables: Iterable[str]) -> bool:
        """Whether a check that names these tables must be asked: no audited run has the same rows of them."""
        names = set(tables)
        if any(not contracts()[name].by_step or name == REPORT for name in names):
            return True
        return self.audited_alike(names) is None

    def audited_alike(self, names: Iterable[str]) -> Steps | None:
        """The steps of an audited run that has this one's rows of the tables, and no others; None if there is none."""
        tables = set(names)
        fed = self.feeding(tables)
        return next((steps for steps in self.audited if fed and self.feeding(tables, steps) == fed), None)

    def rows(self, table: str) -> str:
        """The statement that gives a table's rows of the run, with ``run_id`` and ``step_key``."""
        contract = contracts()[table]
        if not contract.by_step:
            return statement("rows_of_run", table=identifier(table), run_id=literal(self.run_id)).strip()
        steps = None if self.alone and table != REPORT else {*self.steps, self.run_id}
        rows = self.rows_of_steps(table, steps)
        return statement("distinct_rows", rows=rows).strip() if contract.repeated else rows

    def new_rows(self, table: str) -> str:
        """The rows of new steps alone."""
        if not contracts()[table].by_step:
            return self.rows(table)
        if table == REPORT:  # has rows of the run itself as well
            return self.rows_of_steps(table, {*self.new, self.run_id})
        return self.rows_of_steps(table, None if self.alone and self.new == self.steps.keys() else self.new)

    def rows_of_steps(self, table: str, steps: Iterable[str] | None) -> str:
        """A table's rows of some steps, be they this run's or another's; None: of all that the file holds."""
        parts = {"table": identifier(table), "run_id": literal(self.run_id)}
        if steps is None:
            return statement("rows_of_all_steps", **parts).strip()
        return statement("rows_of_steps", step_keys=listed(steps), **parts).strip()


def listed(keys: Iterable[str]) -> str:
    """Literals, separated by commas; one that equals none if there are no keys."""
    return ", ".join(map(literal, sorted(keys))) or literal("")


def read_scope(con: duckdb.DuckDBPyConnection, run_id: str, audited: tuple[Steps, ...] = ()) -> Scope:
    """The scope of a run that the open file holds, published or refused."""
    fed = {step: _tables(tables) for step, tables in con.execute(statement("tables_of_steps")).fetchall()}
    named = dict(con.execute(statement("steps_of_run"), {"run_id": run_id}).fetchall())
    steps = {step: fed.get(step, _tables([])) for step in named}
    imported = frozenset(step for step, name in named.items() if name in IMPORTS)
    others = {step: _tables(fed.get(step, [])) for step in frozenset(fed).union(*audited) - steps.keys()}
    return Scope(run_id, steps, imported, audited, others, alone=fed.keys() <= steps.keys())


def steps_of_runs(con: duckdb.DuckDBPyConnection) -> dict[str, Steps]:
    """The published steps of every run of the open file."""
    return {run_id: frozenset(steps) for run_id, steps in con.execute(statement("steps_of_runs")).fetchall()}


def _tables(loaded: Iterable[str] | None) -> Steps:
    """Every table that a step has rows in, those included that the warehouse fills."""
    names = frozenset(loaded or ())
    return names | {LEDGER} | (frozenset(TABLES) if FOLLOWED in names else frozenset())
