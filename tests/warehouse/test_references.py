"""References that are asked of lost values alone find the rows that asking all rows finds."""

import duckdb
import numpy as np
import polars as pl
import pytest

from warehouse.contracts.contract import contracts
from warehouse.ddl import schema_sql
from warehouse.query import Query
from warehouse.references import reference_rules
from warehouse.scope import Scope
from warehouse.sql import identifier, statement

TRACE, OLD, NEW = "trace00000000000", "old0000000000000", "new0000000000000"
FED = {TRACE: frozenset({"edge_stat"}), OLD: frozenset({"feature"}), NEW: frozenset({"feature"})}


def scope(*audited: str) -> Scope:
    """A run of the traces and the new features, after a run of the steps that were audited."""
    steps = {step: FED[step] for step in (TRACE, NEW)}
    return Scope("second", steps, audited=(frozenset(audited),) if audited else (), others={OLD: FED[OLD]})


def broken(con: duckdb.DuckDBPyConnection, which: Scope) -> dict[str, list[tuple[object, ...]]]:
    """Rows that break each of edge_stat's references to features."""
    contract, found = contracts()["edge_stat"], {}
    for rule in reference_rules(contract, which):
        if "feature" in rule.names:
            found[rule.check] = sorted(con.execute(text_of(rule, which)).fetchall())
    return found


def text_of(rule: Query, which: Scope) -> str:
    others = statement("other_table", table=identifier("feature"), rows=which.rows("feature"))
    rows = which.rows("edge_stat")
    text = statement("rows_that_break", query=rule.sql, rows=rows, others=others).replace("{batch}", "(SELECT 1)")
    return f"SELECT source_sae, source_feature, target_sae, target_feature FROM ({text})"


@pytest.mark.parametrize("n_lost", [0, 3])
def test_lost_values_are_enough_to_look_for(n_lost):
    rng = np.random.default_rng(0)
    features = pl.DataFrame({"sae_id": ["a"] * 40 + ["b"] * 40, "feature": [*range(40), *range(40)]})
    ends = rng.integers(0, 40, (500, 2))
    effects = pl.DataFrame({"source_feature": ends[:, 0], "target_feature": ends[:, 1]}).with_columns(
        step_key=pl.lit(TRACE), source_sae=pl.lit("a"), target_sae=pl.lit("b")
    )
    fewer = features.sample(features.height - n_lost, seed=1)
    described = pl.concat([features.with_columns(step_key=pl.lit(OLD)), fewer.with_columns(step_key=pl.lit(NEW))])
    with duckdb.connect() as con:
        con.execute(schema_sql())
        for table, frame in {"edge_stat": effects, "feature": described}.items():
            con.register("given", frame)
            con.execute(f"INSERT INTO stored.{table} BY NAME SELECT * FROM given")
        slow, fast = broken(con, scope()), broken(con, scope(TRACE, OLD))
    assert fast == slow
    assert any(slow.values()) == (n_lost > 0)


def test_a_run_with_more_of_the_referring_rows_answers_nothing():
    """The run before had these traces and others: what it was asked of is not this run's rows."""
    more = Scope("second", {TRACE: FED[TRACE]}, audited=(frozenset({TRACE, "more"}),), others={"more": FED[TRACE]})
    assert more.audited_alike(["edge_stat"]) is None
    assert more.is_asked(["edge_stat"])
    assert scope(TRACE, OLD).audited_alike(["edge_stat"]) == {TRACE, OLD}
    assert not scope(TRACE, OLD).is_asked(["edge_stat"])
