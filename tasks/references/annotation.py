"""Annotate features with the gene sets over-represented among their genes: rows of table ``annotation``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.enrichment import MIN_OVERLAP, Enrichment, annotated, enrich, family_q
from tasks.references.gene_sets import Library
from tasks.references.redundant import NOBODY, represent
from tasks.references.tails import Tails

SHOWN = 5  # best terms of a feature and library that are kept even if none is significant
SHOWN_P = 0.05


@dataclass(frozen=True)
class GeneLists:
    """Gene lists of the features that have one: ``feature`` uint32 [R]; ``lists`` binary [R, G] over the background.

    ``symbols`` [G] are the background's; ``ranks`` [R, G] holds the gene's rank where ``lists`` holds a one.
    """

    feature: NDArray[np.uint32]
    lists: csr_matrix
    ranks: csr_matrix
    symbols: list[str]


def gene_lists(ranked: pl.DataFrame, background: Sequence[str]) -> GeneLists:
    """The lists of rows feature, rank and symbol; of two genes with one symbol the better rank counts."""
    column = {symbol.upper(): place for place, symbol in enumerate(background)}
    gene = pl.col("symbol").str.to_uppercase().replace_strict(column, return_dtype=pl.Int64)
    rows = ranked.select("feature", "rank", gene=gene).unique(["feature", "gene"], keep="first")
    rows = rows.sort("feature", "gene")
    feature, row = np.unique(rows["feature"].to_numpy(), return_inverse=True)
    shape, place = (feature.size, len(background)), (row, rows["gene"].to_numpy())
    lists = csr_matrix((np.ones(row.size, dtype=np.int32), place), shape=shape)
    ranks = csr_matrix((rows["rank"].to_numpy().astype(np.int32), place), shape=shape)
    return GeneLists(feature, lists, ranks, list(background))


def annotate(
    genes: GeneLists, libraries: Sequence[Library], tails: Sequence[Tails], alpha: float, redundant: float | None = None
) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """The columns of table ``annotation`` behind sae_id, by feature, then library, best first; and what is annotated.

    ``tails``: the null of each library. Rows have at least MIN_OVERLAP common genes and q <= alpha, or are among a
    feature's SHOWN best of the library with p < SHOWN_P. ``represented_by`` is the better significant set of the
    library that a significant one shares ``redundant`` of its genes with, if that is given. Which lists each library
    annotates: [n_libraries, R].
    """
    tests = [enrich(genes.lists, one.members, null) for one, null in zip(libraries, tails, strict=True)]
    frames = [
        _rows(genes, library, null, _shown(found, q, alpha), alpha, redundant)
        for library, null, found, q in zip(libraries, tails, tests, family_q(tests), strict=True)
    ]
    rows = pl.concat(frames).sort("feature", maintain_order=True)
    return rows, annotated(tests, genes.feature.size, alpha)


def _rows(
    genes: GeneLists, library: Library, tails: Tails, rows: pl.DataFrame, alpha: float, redundant: float | None
) -> pl.DataFrame:
    """The rows of one library that ``_shown`` chose."""
    list_size, set_size = np.diff(genes.lists.indptr), np.diff(library.members.indptr)
    row, term = rows["row"].to_numpy(), rows["term"].to_numpy()
    expected = tails.expected(list_size[row].astype(np.int64), term)
    return rows.select(
        feature=pl.Series(genes.feature[row]),
        library=pl.lit(library.name),
        term=pl.Series(library.terms, dtype=pl.String).gather(term),
        n_overlap="overlap",
        n_feature_genes=pl.Series(list_size[row]),
        n_set=pl.Series(set_size[term]),
        n_background=len(genes.symbols),
        expected=pl.Series(expected),
        fold=pl.col("overlap") / pl.Series(expected),
        p="p",
        q="q",
        significant=pl.col("q") <= alpha,
        genes=_common_genes(genes, library, row, term),
        represented_by=_represented(library, rows, alpha, redundant),
    )


def _represented(library: Library, rows: pl.DataFrame, alpha: float, redundant: float | None) -> pl.Series:
    """The term that stands for each row's, NULL for representatives and for what is not significant."""
    found = np.full(rows.height, NOBODY, dtype=np.int64)
    if redundant is not None:
        own = rows["q"].to_numpy() <= alpha
        found[own] = represent(rows["row"].to_numpy()[own], rows["term"].to_numpy()[own], library.members, redundant)
    place = pl.Series(found)
    return pl.Series(library.terms, dtype=pl.String).gather(place.set(place == NOBODY, None))


def _shown(tests: Enrichment, q: NDArray[np.float64], alpha: float) -> pl.DataFrame:
    """The pairs worth a row: row, term, overlap, p, q, sorted by row and p."""
    columns = {"row": tests.row, "term": tests.term, "overlap": tests.overlap, "p": tests.p, "q": q}
    significant, better = pl.col("q") <= alpha, pl.int_range(pl.len()).over("row")
    rows = pl.DataFrame(columns).filter(pl.col("overlap") >= MIN_OVERLAP, significant | (pl.col("p") < SHOWN_P))
    return rows.sort("row", "p", "term").filter(significant | (better < SHOWN))


def _common_genes(genes: GeneLists, library: Library, row: NDArray[np.int64], term: NDArray[np.int64]) -> pl.Series:
    """Symbols that each list shares with the set beside it, by rank, joined by commas."""
    common = genes.ranks[row].multiply(library.members[term]).tocsr()
    pair = np.repeat(np.arange(row.size), np.diff(common.indptr))
    symbol = pl.Series(genes.symbols, dtype=pl.String).gather(common.indices)
    ranked = pl.DataFrame({"pair": pair, "rank": common.data, "symbol": symbol}).sort("pair", "rank")
    return ranked.group_by("pair", maintain_order=True).agg(pl.col("symbol").str.join(", "))["symbol"]
