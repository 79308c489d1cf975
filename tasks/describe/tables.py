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
from tasks.describe.directions import map_directions, neighbours
from tasks.describe.genes import top_genes
from tasks.describe.published import summarise_as_published
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import best_labels, summarise
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import Sets, cut_to_background
from tasks.references.null_lists import null_fractions
from tasks.references.tails import EvenTails, MatchedTails
from tasks.sae import Sae

Tables = dict[str, pl.DataFrame]
NAMED_GENES = 5  # symbols in column top_genes of table feature


def describe(
    settings: DescribeSettings,
    sae: Sae,
    codes: CodesReader,
    axes: Axes,
    cells: pl.DataFrame,
    references: Mapping[str, Sets],
) -> Tables:
    """Rows of every table the step writes, by table name.

    ``cells`` holds cell_id and label of the cells, ``references`` the libraries of gene sets by name.
    """
    sums = sum_firings(codes, axes, sae.n_features)
    alive = np.flatnonzero(sums.alive)  # a dead feature's direction was never learned
    directions = sae.W_dec.float().cpu().numpy()[alive]
    longest = max(settings.top_genes, settings.tested_genes)
    genes = top_genes(sums, axes, longest, settings.min_fire, settings.shrinkage)
    tables = {
        "feature_gene": genes.filter(pl.col("rank") <= settings.top_genes),
        "feature_histogram": histograms(codes, sums.maximum),
        "feature_cell_type": _cell_types(settings, sums, axes, cells),
        "feature_neighbour": neighbours(directions, alive, settings.neighbours),
        **_annotations(settings, genes, axes, references),
    }
    as_published = summarise_as_published(settings, sums, axes, references)
    tables["annotation_summary"] = pl.concat([tables["annotation_summary"], as_published])
    own = catalogue(sums, axes.n_positions, sae.decoder_norms.double().cpu().numpy())
    tables["feature"] = _features(own, tables, _places(directions, alive, settings.seed))
    named = {table: frame.select(pl.lit(sae.sae_id).alias("sae_id"), pl.all()) for table, frame in tables.items()}
    named["feature"] = named["feature"].with_columns(layer=sae.layer)
    return named


def _annotations(
    settings: DescribeSettings, ranked: pl.DataFrame, axes: Axes, references: Mapping[str, Sets]
) -> Tables:
    genes = gene_lists(ranked.filter(pl.col("rank") <= settings.tested_genes), axes.background)
    libraries = [
        cut_to_background(name, sets, genes.symbols, settings.min_set, settings.max_set)
        for name, sets in references.items()
    ]
    tails = [
        EvenTails(library.members) if settings.listed == "evenly" else MatchedTails(library.members, genes.lists)
        for library in libraries
    ]
    rows, found = annotate(genes, libraries, tails, settings.alpha, settings.redundant)
    null = null_fractions(genes.lists, libraries, tails, settings.alpha, settings.null_draws, settings.seed)
    return {"annotation": rows, "annotation_summary": summarise(genes, libraries, found, null)}


def _cell_types(settings: DescribeSettings, sums: FiringSums, axes: Axes, cells: pl.DataFrame) -> pl.DataFrame:
    labelled = pl.DataFrame({"cell_id": axes.cell_id}).join(cells, on="cell_id", how="left", maintain_order="left")
    means = cell_means(sums, axes)
    return cell_types(means, labelled["label"].to_list(), sums.alive, settings.min_cells, settings.alpha)


def _places(directions: NDArray[np.float32], alive: NDArray[np.int64], seed: int) -> pl.DataFrame:
    place = map_directions(directions, seed)
    return pl.DataFrame({"feature": alive.astype(np.uint32), "map_x": place[:, 0], "map_y": place[:, 1]})


def _features(own: pl.DataFrame, tables: Tables, places: pl.DataFrame) -> pl.DataFrame:
    """Table ``feature`` behind sae_id and layer: the catalogue with the best of every other table beside it."""
    named = tables["feature_gene"].filter(pl.col("rank") <= NAMED_GENES)
    top = named.group_by("feature", maintain_order=True).agg(pl.col("symbol").str.join(", ").alias("top_genes"))
    for columns in [top, best_labels(tables["annotation"]), top_cell_types(tables["feature_cell_type"]), places]:
        own = own.join(columns, on="feature", how="left", maintain_order="left")
    return own
