"""All tables of one autoencoder, from its firings."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums, cell_means, sum_firings
from tasks.codes.reader import CodesReader
from tasks.describe.catalogue import catalogue, histograms
from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.describe.concentration import concentration
from tasks.describe.contexts import top_contexts
from tasks.describe.directions import map_directions, neighbours
from tasks.describe.genes import genes_by_both_rules
from tasks.describe.indexes import gene_index, ontology_index
from tasks.describe.intervals import with_intervals
from tasks.describe.names import named
from tasks.describe.published import summarise_as_published
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import best_labels, summarise
from tasks.describe.tested_cells import cells_tested
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import Sets, cut_all
from tasks.references.null_lists import null_fractions
from tasks.references.tails import tails_of
from tasks.sae import Sae

Tables = dict[str, pl.DataFrame]


def describe(
    settings: DescribeSettings,
    sae: Sae,
    codes: CodesReader,
    axes: Axes,
    cells: pl.DataFrame,
    references: Mapping[str, Sets],
    place: NDArray[np.uint16],
) -> Tables:
    """Rows of every table the step writes, by table name.

    ``cells`` holds cell_id, label, tissue and n_tokens of the cells, ``references`` the libraries of gene sets by name,
    ``place`` [N] where each position lies in its cell.
    """
    sums = sum_firings(codes, axes, sae.n_features)
    alive = np.flatnonzero(sums.alive)  # a dead feature's direction was never learned
    directions = sae.W_dec.float().cpu().numpy()[alive]
    longest = max(settings.top_genes, settings.tested_genes)
    genes = genes_by_both_rules(sums, axes, longest, settings.min_fire, settings.shrinkage)
    contexts = {"n": settings.contexts, "per_cell": settings.contexts_per_cell}
    tables = {
        "feature_gene": with_intervals(genes, codes, axes, sae.n_features, settings.shrinkage).with_columns(
            shown=(pl.col("rank") <= settings.top_genes).fill_null(False)
        ),
        "feature_top_cell": top_contexts(codes, axes, place, cells, n_features=sae.n_features, **contexts),
        "feature_histogram": histograms(codes, sums.maximum),
        **_cell_types(settings, sums, axes, cells),
        "feature_neighbour": neighbours(directions, alive, settings.neighbours),
        **_annotations(settings, genes, axes, references),
    }
    tables["gene_index"] = gene_index(tables["feature_gene"])
    tables["ontology_index"] = ontology_index(tables["annotation"])
    as_published = summarise_as_published(settings, genes, axes, references)
    tables["annotation_summary"] = pl.concat([tables["annotation_summary"], as_published])
    own = catalogue(sums, axes.n_positions, sae.decoder_norms.double().cpu().numpy())
    tables["feature"] = _features(settings, own, tables, sums, axes, _places(directions, alive, settings.seed))
    of_sae = {table: frame.select(pl.lit(sae.sae_id).alias("sae_id"), pl.all()) for table, frame in tables.items()}
    of_sae["feature"] = of_sae["feature"].with_columns(layer=sae.layer)
    return of_sae


def _annotations(
    settings: DescribeSettings, ranked: pl.DataFrame, axes: Axes, references: Mapping[str, Sets]
) -> Tables:
    genes = gene_lists(ranked.filter(pl.col("rank") <= settings.tested_genes), axes.background)
    libraries = cut_all(references, genes.symbols, settings.min_set, settings.max_set)
    tails = [tails_of(library.members, genes.lists, settings.listed) for library in libraries]
    rows, found = annotate(genes, libraries, tails, settings.alpha, settings.redundant)
    null = null_fractions(genes.lists, libraries, tails, settings.alpha, settings.null_draws, settings.seed)
    return {"annotation": rows, "annotation_summary": summarise(genes, libraries, found, null)}


def _cell_types(settings: DescribeSettings, sums: FiringSums, axes: Axes, cells: pl.DataFrame) -> Tables:
    used = pl.DataFrame({"cell_id": axes.cell_id}).join(cells, on="cell_id", how="left", maintain_order="left")
    lengths = used["n_tokens"].to_numpy()
    tests = cell_types(cell_means(sums, axes), used["label"].to_list(), lengths, sums.alive, settings)
    return {"feature_cell_type": tests, **cells_tested(used, tests)}


def _places(directions: NDArray[np.float32], alive: NDArray[np.int64], seed: int) -> pl.DataFrame:
    place = map_directions(directions, seed)
    return pl.DataFrame({"feature": alive.astype(np.uint32), "map_x": place[:, 0], "map_y": place[:, 1]})


def _features(
    settings: DescribeSettings, own: pl.DataFrame, tables: Tables, sums: FiringSums, axes: Axes, places: pl.DataFrame
) -> pl.DataFrame:
    """Table ``feature`` behind sae_id and layer: the catalogue with the best of every other table, and a name."""
    genes = concentration(sums, axes, tables["feature_gene"])
    types = top_cell_types(tables["feature_cell_type"])
    for columns in [genes, best_labels(tables["annotation"]), types, places]:
        own = own.join(columns, on="feature", how="left", maintain_order="left")
    return named(own, settings)
