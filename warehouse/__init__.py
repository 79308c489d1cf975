"""The warehouse: contracts, loading, audit, publishing, and reading what was published."""

from importlib import import_module
from typing import TYPE_CHECKING

from warehouse.check_result import CheckResult
from warehouse.errors import FailedChecks, WarehouseError
from warehouse.formatting import format_table, write_table
from warehouse.hashes import table_hashes
from warehouse.home import snapshot_path
from warehouse.imported import ImportSummary, import_summary
from warehouse.reading import PublishReport, is_published, open_snapshot, run_summary
from warehouse.state import Finding, examine
from warehouse.user_sql import run_user_sql

if TYPE_CHECKING:
    from warehouse.audit import check_snapshot
    from warehouse.docs import write_docs
    from warehouse.publish import publish_run
    from warehouse.restore import restore_warehouse

# These load Great Expectations, which takes seconds that readers should not wait.
WHEN_ASKED = {
    "check_snapshot": "warehouse.audit",
    "publish_run": "warehouse.publish",
    "restore_warehouse": "warehouse.restore",
    "write_docs": "warehouse.docs",
}

__all__ = [
    "CheckResult",
    "FailedChecks",
    "Finding",
    "ImportSummary",
    "PublishReport",
    "WarehouseError",
    "check_snapshot",
    "examine",
    "format_table",
    "import_summary",
    "is_published",
    "open_snapshot",
    "publish_run",
    "restore_warehouse",
    "run_summary",
    "run_user_sql",
    "snapshot_path",
    "table_hashes",
    "write_docs",
    "write_table",
]


def __getattr__(name: str) -> object:
    if name not in WHEN_ASKED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(WHEN_ASKED[name]), name)
