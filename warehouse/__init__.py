"""The warehouse: contracts, loading, audit, publishing, and reading what was published."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.audit import check_snapshot
    from warehouse.check_result import CheckResult
    from warehouse.claims.read import Audit, audit_run
    from warehouse.docs import write_docs
    from warehouse.errors import FailedChecks, WarehouseError
    from warehouse.export import export_run
    from warehouse.forget import forget_run, what_goes
    from warehouse.formatting import format_table, write_table
    from warehouse.hashes import table_hashes
    from warehouse.held import Holdings, holdings
    from warehouse.home import snapshot_path
    from warehouse.imported import ImportSummary, import_summary
    from warehouse.labels.labels import read_labels
    from warehouse.labels.store import export_labels, import_labels
    from warehouse.publish import publish_run
    from warehouse.reading import PublishReport, is_published, open_snapshot, run_summary
    from warehouse.restore import RestoreReport, restore_warehouse
    from warehouse.state import Finding, examine
    from warehouse.user_sql import run_user_sql

# Each is imported when it is asked for: steps import the contracts alone, and readers do without Great Expectations.
HOMES = {
    "Audit": "claims.read",
    "audit_run": "claims.read",
    "CheckResult": "check_result",
    "FailedChecks": "errors",
    "Finding": "state",
    "ImportSummary": "imported",
    "PublishReport": "reading",
    "WarehouseError": "errors",
    "check_snapshot": "audit",
    "examine": "state",
    "export_labels": "labels.store",
    "export_run": "export",
    "forget_run": "forget",
    "format_table": "formatting",
    "holdings": "held",
    "Holdings": "held",
    "import_labels": "labels.store",
    "import_summary": "imported",
    "is_published": "reading",
    "open_snapshot": "reading",
    "publish_run": "publish",
    "read_labels": "labels.labels",
    "RestoreReport": "restore",
    "restore_warehouse": "restore",
    "run_summary": "reading",
    "run_user_sql": "user_sql",
    "snapshot_path": "home",
    "table_hashes": "hashes",
    "what_goes": "forget",
    "write_docs": "docs",
    "write_table": "formatting",
}

__all__ = [
    "Audit",
    "CheckResult",
    "FailedChecks",
    "Finding",
    "Holdings",
    "ImportSummary",
    "PublishReport",
    "RestoreReport",
    "WarehouseError",
    "audit_run",
    "check_snapshot",
    "examine",
    "export_labels",
    "export_run",
    "forget_run",
    "format_table",
    "holdings",
    "import_labels",
    "import_summary",
    "is_published",
    "open_snapshot",
    "publish_run",
    "read_labels",
    "restore_warehouse",
    "run_summary",
    "run_user_sql",
    "snapshot_path",
    "table_hashes",
    "what_goes",
    "write_docs",
    "write_table",
]


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"warehouse.{HOMES[name]}"), name)
