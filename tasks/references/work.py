"""The work of step ``references``: every file parsed once, in one unit each."""

from collections.abc import Iterable

import polars as pl

from tasks.cells.reader import CellsReader
from tasks.references.gene_sets import read_gene_sets
from tasks.references.networks import read_edges
from tasks.references.settings import Kind, NetworkSource, ReferencesSettings, Source
from tasks.references.signatures import read_signatures
from tasks.references.tables import StudyGenes, edge_rows, set_rows, share_genes
from tasks.references.text import read_genes
from tasks.step import Info, Inputs
from tasks.store import StepFolder, sha256_once


def read_references(settings: ReferencesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Write tables reference_db, gene_set and ref_edge.

    Raises RequestError, one line, for a file that cannot be read or shares nearly no gene with the study.
    """
    study = StudyGenes.of(CellsReader(inputs.folder("cells")).genes())
    for number, (_, kind, source) in enumerate(settings.sources()):
        unit = f"{number:03d}"  # numbers keep the order of files; names come from outside
        if out.has(unit):
            continue
        table, rows, directed = _read(kind, source, study)
        described = _describe(kind, source, rows, study, settings.min_shared).with_columns(
            directed=pl.lit(directed, pl.Boolean)
        )
        with out.unit(unit) as shard:
            shard.table("reference_db", described)
            shard.table(table, rows)
    return {"n_files": len(list(settings.sources()))}


def _read(kind: Kind, source: Source, study: StudyGenes) -> tuple[str, pl.DataFrame, bool | None]:
    """The table that a file fills, its rows, and whether they have a direction."""
    named = pl.lit(source.name).alias("reference")
    if isinstance(source, NetworkSource):
        edges = read_edges(source.path, source.directed)
        return "ref_edge", edge_rows(edges, study).select(named, pl.all()), edges.directed
    read = read_signatures if kind == "signature" else read_gene_sets
    return "gene_set", set_rows(read(source.path), study).select(named, pl.lit(kind).alias("kind"), pl.all()), None


def _describe(kind: Kind, source: Source, rows: pl.DataFrame, study: StudyGenes, least: float) -> pl.DataFrame:
    """The row of table ``reference_db``, but for its direction."""
    heads, genes = ("source", ("source", "target")) if kind == "network" else ("term", ("gene",))
    named = _upper(gene for column in genes for gene in rows[column].unique().to_list())
    universe = _upper(read_genes(source.universe)) if source.universe else frozenset()
    shared = share_genes(source, named | universe, study, least)
    return pl.DataFrame(
        {
            "reference": source.name,
            "kind": kind,
            "file_name": source.path.name,
            "sha256": sha256_once(source.path),
            "licence": pl.Series([source.terms], dtype=pl.String),
            "n_sets": rows[heads].n_unique(),
            "n_rows": rows.height,
            "n_genes": len(named),
            "n_universe": shared.n_universe,
            "n_shared": shared.n_shared,
            "share_of_file": shared.share_of_file,
            "share_of_study": shared.share_of_study,
        }
    )


def _upper(genes: Iterable[str]) -> frozenset[str]:
    return frozenset(map(str.upper, genes))
