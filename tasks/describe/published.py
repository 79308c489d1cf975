"""How much of an autoencoder is annotated by the rule of the published atlases, for comparison.

1. A feature's list holds the genes of largest mean activation where it fires, however seldom that is: those with a
   ``published_rank`` (see ``genes``). Lists of fewer than FEWEST_LISTED genes are left out.
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
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import summarise
from tasks.references.annotation import GeneLists, gene_lists
from tasks.references.enrichment import MIN_OVERLAP, annotated, enrich
from tasks.references.gene_sets import Library, Sets, cut_all
from tasks.references.null_lists import null_fractions
from tasks.references.tails import EvenTails

FEWEST_LISTED = 3
SMALLEST, LARGEST = 5, 500


def summarise_as_published(
    settings: DescribeSettings, ranked: pl.DataFrame, axes: Axes, references: Mapping[str, Sets]
) -> pl.DataFrame:
    """The rows of table ``annotation_summary`` by the published rule, behind sae_id.

    ``ranked``: feature, symbol and published_rank, as ``genes_by_both_rules`` gives them.
    """
    listed = ranked.filter(pl.col("published_rank").is_not_null()).filter(pl.len().over("feature") >= FEWEST_LISTED)
    genes = gene_lists(listed.select("feature", "symbol", rank="published_rank"), axes.background)
    libraries = cut_all(references, genes.symbols, SMALLEST, LARGEST)
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
