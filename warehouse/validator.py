"""Great Expectations on DuckDB, in the one way that works, and silent.

Autocommit, no rollback and no pool reset: otherwise the connection is closed before its rows are fetched, and GX
reports that as bad data. Temporary tables are off because the file is read-only.
"""

import contextlib
import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read once, when GX is imported

import great_expectations as gx
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.datasource.fluent.sql_datasource import QueryAsset, SQLDatasource
from great_expectations.expectations.expectation import Expectation

from warehouse.files import MEMORY
from warehouse.scratch import scratch_path

CONNECTION = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}
Results = dict[str, ExpectationValidationResult]


@contextlib.contextmanager
def validator(path: Path) -> Iterator[SQLDatasource]:
    """A GX data source on a DuckDB file, read-only; closed at the end, so that the file may be written again."""
    with connected(silent_context(), path) as source:
        yield source


def silent_context() -> EphemeralDataContext:
    """A GX context that prints nothing and keeps nothing."""
    _silence()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@contextlib.contextmanager
def connected(context: EphemeralDataContext, path: Path) -> Iterator[SQLDatasource]:
    """As ``validator``, in a context that its caller goes on using."""
    # The path goes in beside the address, where %, ?, ; and $ stand for themselves.
    config = {"temp_directory": str(scratch_path(path.parent, "spill")), "memory_limit": MEMORY}
    connection = {**CONNECTION, "connect_args": {"database": str(path), "read_only": True, "config": config}}
    settings: dict[str, Any] = {"connection_string": "duckdb:///snapshot.duckdb", "kwargs": connection}
    source = context.data_sources.add_sql("warehouse", create_temp_table=False, **settings)
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _silence() -> None:
    """Keep GX's loggers, which set their own levels, from reaching anybody's handlers."""
    logger = logging.getLogger("great_expectations")
    logger.propagate = False
    logger.handlers = [logging.NullHandler()]


def batch_definition(source: SQLDatasource, name: str, rows: str) -> BatchDefinition[Any]:
    """The rows that the statement ``rows`` gives, as GX wants them described, under a name of their own."""
    return source.add_query_asset(name, query=rows).add_batch_definition_whole_table("all")


def table_batch(source: SQLDatasource, table: str, rows: str) -> Batch:
    """The rows of a table that the statement ``rows`` gives, as GX wants them; of batches, the source knows the last.

    ``add_query_asset`` would write all assets so far as YAML, three times a table: a third of an audit of few rows.
    """
    asset = QueryAsset(name=table, query=rows)
    asset._datasource = source  # as GX's own _add_asset does
    source.assets = [asset]
    return asset.get_batch(asset.build_batch_request())


def validate(batch: Batch, checks: list[Expectation], result_format: dict[str, Any]) -> Results:
    """GX's results by the checks' names (``meta["check"]``)."""
    suite = gx.ExpectationSuite(name="suite", expectations=checks)
    with contextlib.redirect_stdout(io.StringIO()):
        found = batch.validate(suite, result_format=result_format).results
    return {one.expectation_config.meta["check"]: one for one in found if one.expectation_config}
