"""How much of an autoencoder is annotated by the rule of the published atlases, for comparison.

1. A feature's list holds the LISTED genes of largest mean activation where it fires, however seldom that is. Lists of
   fewer than FEWEST_LISTED genes are left out.
2. Gene sets have SMALLEST to LARGEST genes among those that a feature could have shown.
3. The background is a number: how many genes stand in any list. Genes of a set that stand in none still count as its.
4. A pair is tested if it has MIN_OVERLAP common genes: the hypergeometric tail, which is Fisher's exact test.
5. Benjamini-Hochberg over these pairs alone, of all libraries together.

Pairs that share fewer genes are tests as well, and leaving them out makes q too small: lists of random genes come out
annotated as often as those of features. The null, drawn as for the default rule, shows that. The published atlases also
count a class of all transcription factors, and an edge between any two genes of a list, which was not tested.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import summarise
from tasks.references.annotation import GeneLists, gene_lists
from tasks.references.enrichment import MIN_OVERLAP, annotated, enrich
from tasks.references.gene_sets import Library, Sets, cut_to_background
from tasks.references.null_lists import null_fractions
from tasks.references.tails import EvenTails

LISTED, FEWEST_LISTED = 20, 3
SMALLEST, LARGEST = 5, 500
FEATURE_BLOCK = 256


def summarise_as_published(
    settings: DescribeSettings, sums: FiringSums, axes: Axes, references: Mapping[str, Sets]
) -> pl.DataFrame:
    """The rows of table ``annotation_summary`` by the published rule, behind sae_id."""
    genes = gene_lists(strongest_genes(sums, axes), axes.background)
    libraries = [cut_to_background(name, sets, genes.symbols, SMALLEST, LARGEST) for name, sets in references.items()]
    return summarise_lists(genes, libraries, settings.alpha, settings.null_draws, settings.seed)


def summarise_lists(
    genes: GeneLists, libraries: list[Library], alpha: float, null_draws: int, seed: int
) -> pl.DataFrame:
    """Steps 3 to 5 for lists and sets over the same genes."""
    n_background = int(np.count_nonzero(genes.lists.getnnz(axis=0)))
    tails = [EvenTails(library.members, n_background=n_background) for library in libraries]
    tests = [
        enrich(genes.lists, one.members, null, least=MIN_OVERLAP) for one, null in zip(libraries, tails, strict=True)
    ]
    null = null_fractions(genes.lists, libraries, tails, alpha, null_draws, seed, least=MIN_OVERLAP)
    found = annotated(tests, genes.feature.size, alpha)
    n_tests = [one.n_tests for one in tests]
    return summarise(genes, libraries, found, null, rule="published", n_tests=n_tests, n_background=n_background)


def strongest_genes(sums: FiringSums, axes: Axes) -> pl.DataFrame:
    """Step 1: columns feature, rank and symbol; of equal means, the first in the order of the gene table."""
    rows = []
    for first in range(0, len(sums.gene_fires), FEATURE_BLOCK):
        block = slice(first, first + FEATURE_BLOCK)
        mean = sums.gene_total[block] / np.maximum(sums.gene_fires[block], 1)
        last = max(mean.shape[1] - LISTED, 0)
        least = np.partition(mean, last, axis=1)[:, last] if mean.size else np.zeros(len(mean))
        feature, gene = np.nonzero((mean >= least[:, None]) & (mean > 0))
        order = np.lexsort((gene, -mean[feature, gene], feature))
        rank = np.arange(order.size) - np.searchsorted(feature, feature) + 1
        rows.append((feature[order] + first, rank, gene[order]))
    feature, rank, gene = (np.concatenate(column) for column in zip(*rows, strict=True))
    symbol = pl.Series(axes.symbol, dtype=pl.String)[gene.tolist()]
    listed = pl.DataFrame({"feature": feature.astype(np.uint32), "rank": rank, "symbol": symbol})
    return listed.filter(pl.col("rank") <= LISTED, pl.len().over("feature") >= FEWEST_LISTED)
