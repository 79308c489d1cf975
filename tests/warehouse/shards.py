"""Change rows of finished step folders, manifests included: bad data that a faulty step could have written."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl


def edit_table(folders: list[Path], table: str, change: pl.Expr) -> None:
    """Rewrite every shard of a table with one column changed."""
    rewrite_table(folders, table, lambda frame: frame.with_columns(change))


def rewrite_table(folders: list[Path], table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Rewrite every shard of a table, and its rows and hash in the manifest."""
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text())
        for unit in manifest["units"]:
            for shard in unit["shards"]:
                if shard["table"] == table:
                    path = folder / shard["path"]
                    frame = change(pl.read_parquet(path))
                    frame.write_parquet(path)
                    data = path.read_bytes()
                    sha256 = hashlib.sha256(data).hexdigest()
                    shard |= {"rows": frame.height, "bytes": len(data), "sha256": sha256}
        (folder / "manifest.json").write_text(json.dumps(manifest))


def split_table(folders: list[Path], table: str, part: pl.Expr) -> None:
    """Cut every shard of a table into those shards, in ascending order, that ``part`` numbers its rows for."""
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text())
        for unit in manifest["units"]:
            kept = [shard for shard in unit["shards"] if shard["table"] != table]
            for shard in unit["shards"]:
                if shard["table"] == table:
                    kept += _parts(folder, shard, part)
            unit["shards"] = kept
        (folder / "manifest.json").write_text(json.dumps(manifest))


def _parts(folder: Path, shard: dict[str, Any], part: pl.Expr) -> list[dict[str, Any]]:
    frames = pl.read_parquet(folder / shard["path"]).with_columns(part.alias("part")).partition_by("part", as_dict=True)
    parts = []
    for number in sorted(frames):
        path = f"{shard['path']}.{len(parts)}"
        frames[number].drop("part").write_parquet(folder / path)
        data = (folder / path).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        parts.append({**shard, "path": path, "rows": len(frames[number]), "bytes": len(data), "sha256": digest})
    return parts
