"""A small step folder that several machines write, each in a working home of its own."""

from pathlib import Path

import polars as pl

from tasks.store import StepFolder
from tasks.store.objects import Objects

FRAME = pl.DataFrame({"span": [1, 2, 3], "n_features": [4, 5, 6]})
NAME = "demo-0123456789abcdef"
UNITS = ("a", "b", "c")


def folder_of(home: Path) -> Path:
    return home / "runs" / NAME


def write_unit(folder: StepFolder, unit: str, word: str = "") -> None:
    with folder.unit(unit) as shard:
        shard.table("lifecycle_span", FRAME)
        with shard.file(f"raw/{unit}.bin") as target:
            target.write_bytes((word or unit).encode() * 100)


def write(home: Path, units: tuple[str, ...] = UNITS, finish: bool = True) -> list[str]:
    """Do the units that are not done yet, and say which."""
    with StepFolder.create(folder_of(home)) as folder:
        missing = [unit for unit in units if not folder.has(unit)]
        for unit in missing:
            write_unit(folder, unit)
        if finish:
            folder.finish(answer=42)
    return missing


def objects_of(bucket: str) -> dict[str, int]:
    return Objects(bucket).sizes("runs")


def hashes(home: Path) -> dict[str, str]:
    lines = StepFolder(folder_of(home)).lines.values()
    return {shard.path: shard.sha256 for line in lines for shard in line.shards}


def files(home: Path) -> set[str]:
    found = (path for path in folder_of(home).rglob("*") if path.is_file())
    return {str(path.relative_to(folder_of(home))) for path in found} - {"lock"}
