"""The warehouse: contracts, loading, audit, publishing, and reading what was published."""

from warehouse.errors import WarehouseError
from warehouse.formatting import format_table, write_table
from warehouse.hashes import table_hashes
from warehouse.home import snapshot_path
from warehouse.publish import PublishReport, is_published, publish_run
from warehouse.reading import open_snapshot, run_summary
from warehouse.user_sql import run_user_sql

__all__ = [
    "PublishReport",
    "WarehouseError",
    "format_table",
    "is_published",
    "open_snapshot",
    "publish_run",
    "run_summary",
    "run_user_sql",
    "snapshot_path",
    "table_hashes",
    "write_table",
]
