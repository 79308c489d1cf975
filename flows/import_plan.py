"""The plan of an import: where its step folder lies and what its run is called, from the contents of the files."""

from dataclasses import dataclass
from pathlib import Path

from tasks.atlas.atlas import open_atlas
from tasks.atlas.cross_layer import timestamp
from tasks.atlas.fetch import is_url
from tasks.store import content_key


@dataclass(frozen=True)
class ImportPlan:
    """``source`` is a URL or the last part of a directory's path; ``made`` the time stamp of the files, if any."""

    run_id: str
    name: str
    title: str
    source: str
    made: str | None
    files: dict[str, str]
    folder: Path


def plan_import(files: Path, source: str, home: Path) -> ImportPlan:
    """Hash the atlas in ``files`` and lay out its import. Raises RequestError if it is no atlas."""
    atlas = open_atlas(files)
    known = atlas.known
    return ImportPlan(
        run_id=content_key({"import": atlas.key}),
        name=f"{known.family}_atlas" if known else "imported_atlas",
        title=f"{known.title if known else 'Published atlas'}, imported",
        source=source if is_url(source) else files.resolve().name,
        made=timestamp(atlas),
        files=atlas.files,
        folder=home / "runs" / f"atlas-{atlas.key}",
    )
