"""The import of an atlas: a unit of work a layer, and one a file of the whole atlas."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
from prefect import task

from tasks.atlas.atlas import Atlas, open_atlas
from tasks.atlas.cross_layer import read_graph, read_tracking
from tasks.atlas.indexes import read_gene_index, read_ontology_index
from tasks.atlas.interventions import read_causal, read_perturbation
from tasks.atlas.layer import read_layer
from tasks.atlas.modules import read_modules
from tasks.atlas.novelty import read_novel, read_svd
from tasks.atlas.overview import read_overview
from tasks.atlas.reading import Tables, collector_paused
from tasks.store import Progress, StepFolder

READERS: dict[str, Callable[[Atlas, Path], Tables]] = {
    "modules": read_modules,
    "cross_layer_graph": read_graph,
    "cross_layer_tracking": read_tracking,
    "causal_patching": read_causal,
    "perturbation_response": read_perturbation,
    "novel_clusters": read_novel,
    "svd_comparison": read_svd,
    "gene_index": read_gene_index,
    "ontology_index": read_ontology_index,
}


@task(name="import atlas")
def import_atlas(source: Path, folder: Path, numbers: Path | None = None) -> Path:
    """Read the atlas in ``source`` into the tables of step folder ``folder``; return that, finished.

    ``numbers`` is a folder of published numbers, by default the bundled ones. Raises RequestError, naming the file,
    if one is not as an atlas writes it.
    """
    with StepFolder.create(folder) as out:
        if out.done:
            return folder
        atlas = open_atlas(source, numbers)
        units = _units(atlas)
        with collector_paused(), Progress("import", total=len(units) + 1, unit="file") as bar:
            for name, read in units.items():
                if not out.has(name):
                    _write(out, name, read)
                bar.advance(1, last=name)
            if not out.has("genes"):
                _write(out, "genes", lambda: {"gene": _genes(out)})
            bar.advance(1, last="genes")
        out.finish(model_id=atlas.model_id, n_layers=len(atlas.layers), n_files=len(atlas.files))
    return folder


def _units(atlas: Atlas) -> dict[str, Callable[[], Tables]]:
    """What reads each unit's tables, by the unit's name."""
    units: dict[str, Callable[[], Tables]] = {"overview": partial(read_overview, atlas)}
    units |= {f"layer_{layer:02d}": partial(read_layer, atlas, layer) for layer in atlas.layers}
    for kind, read in READERS.items():
        path = atlas.path(kind)
        if path is not None:
            units[kind] = partial(read, atlas, path)
    return units


def _write(out: StepFolder, name: str, read: Callable[[], Tables]) -> None:
    with out.unit(name) as unit:  # its time is that of reading too
        for table, frame in read().items():
            unit.table(table, frame)


def _genes(out: StepFolder) -> pl.DataFrame:
    """Table gene: every symbol among the genes of a feature."""
    symbols = pl.concat([pl.read_parquet(path, columns=["symbol"]).unique() for path in out.shards("feature_gene")])
    return (
        symbols.unique()
        .sort("symbol")
        .select(
            gene_id="symbol",
            symbol="symbol",
            matched_by=pl.lit("symbol"),
        )
    )
