"""Step ``references``: read what is known of genes, once, for all that is held against it."""

from collections.abc import Iterator
from pathlib import Path

from tasks.references.settings import NetworkSource, ReferencesSettings
from tasks.section import Sections
from tasks.step import WHOLE, Figures, Layer, Step
from tasks.store import RequestError, sha256_once


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Every file by its content, in the order given: the order of libraries decides ties and random draws.

    Raises RequestError for a file that is not there.
    """
    return {"files": list(_files(sections.of(ReferencesSettings)))}


def _files(settings: ReferencesSettings) -> Iterator[dict[str, object]]:
    for setting, kind, source in settings.sources():
        yield {
            "kind": kind,
            "name": source.name,
            "file": source.path.name,
            "sha256": _content(setting, source.path),
            "licence": source.terms,
            "universe": _content(f"{setting}.universe", source.universe) if source.universe else None,
            "directed": source.directed if isinstance(source, NetworkSource) else None,
        }


def _content(setting: str, path: Path) -> str:
    if not path.is_file():
        raise RequestError(f"references.{setting}: no file at {path}: give the path of a file, or a bundled name")
    return sha256_once(path)


STEP = Step(
    name="references",
    title="read gene sets and networks",
    settings=ReferencesSettings,
    version=1,
    work="tasks.references.work:read_references",
    tables=("reference_db", "gene_set", "ref_edge"),
    reads={"cells": WHOLE},
    outside=outside,
    apart=frozenset({"gene_sets", "networks", "signatures"}),
    on_device=False,
    figures=Figures("reference_db", ("reference", "kind", "n_sets", "n_rows", "n_shared")),
    seconds=3,
)
