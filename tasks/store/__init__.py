"""Step folders: shards, ledger, manifest, content keys, atomic writes, progress.

Every other package under ``tasks`` writes through this one and through nothing else.
"""

from tasks.store.conform import column_types, conform, table_frame
from tasks.store.errors import ContractMismatch, DamagedShard, FolderBusy, OutOfSpace, RequestError, ScfmError
from tasks.store.folder import StepFolder
from tasks.store.hashing import content_key, sha256_file, sha256_once
from tasks.store.parts import part_folder, take_in
from tasks.store.progress import Progress
from tasks.store.shards import Unit

__all__ = [
    "ContractMismatch",
    "DamagedShard",
    "FolderBusy",
    "OutOfSpace",
    "Progress",
    "RequestError",
    "ScfmError",
    "StepFolder",
    "Unit",
    "column_types",
    "conform",
    "content_key",
    "part_folder",
    "sha256_file",
    "sha256_once",
    "table_frame",
    "take_in",
]
