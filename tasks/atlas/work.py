"""The work of an import: one unit per layer, and one per file of the whole atlas."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from tasks.atlas.atlas import Atlas, open_atlas
from tasks.atlas.cross_layer import read_graph, read_tracking
from tasks.atlas.indexes import read_gene_index, read_ontology_index
from tasks.atlas.interventions import read_causal, read_perturbation
from tasks.atlas.layer import read_layer
from tasks.atlas.modules import read_modules
from tasks.atlas.novelty import read_novel, read_svd
from tasks.atlas.overview import read_overview
from tasks.atlas.reading import Tables, collector_paused
from tasks.atlas.settings import AtlasSettings
from tasks.step import Info, Inputs
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


def import_atlas(settings: AtlasSettings, _inputs: Inputs, out: StepFolder) -> Info:
    """Read a published atlas into tables. Raises RequestError, naming the file, if one is not as an atlas writes it."""
    atlas = open_atlas(settings.source, settings.numbers)
    units = _units(atlas)
    with collector_paused(), Progress("import", total=len(units) + 1, unit="file") as bar:
        for name, read in units.items():
            if not out.has(name):
                _write(out, name, read)
            bar.advance(1, last=name)
        if not out.has("genes"):
            _write(out, "genes", lambda: {"gene": _genes(out)})
        bar.advance(1, last="genes")
    return {"model_id": atlas.model_id, "n_layers": len(atlas.layers), "n_files": len(atlas.files)}


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
    shards = (pl.read_parquet(path, columns=["symbol"], glob=False) for path in out.shards("feature_gene"))
    symbols = pl.concat([shard.unique() for shard in shards])
    return symbols.unique().sort("symbol").select(gene_id="symbol", symbol="symbol", matched_by=pl.lit("symbol"))
