"""Families of genes that a feature fires on more than on others: ribosomal proteins, histones, HLA.

1. Tokens of F features at genes g: n_fg active of N_g. A family M has A = sum n_fg active tokens and N = sum N_g.
2. Log odds = log[(A + 1/2)(B - b + 1/2) / ((N - A + 1/2)(b + 1/2))], b active of the B tokens of other genes: how
   often it fires and how common the genes are plays no part.
3. p: random families of as many genes, each as frequent as one of the family's (ten bins of N_g), have a log odds at
   least as large: (1 + reached) / (1 + draws). Where fewer than ten of ``family_draws`` reach it, ``fine_draws`` more
   are made and these alone count. Genes are the units: a family is no finding because one of its genes is.
4. Benjamini-Hochberg over features x families. ``null_mean`` and ``null_sd`` are of the log odds of the first draws.

Rule ``published_prefix``: families by the first letters of the symbol, scored by the number of active tokens, which
grows with the feature's density and catches unrelated genes (TR* TRAF and TRIM, IG* IGF1). It has no p.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.labels.step import LabelsSettings
from tasks.codes.axes import Axes
from tasks.references.gene_sets import Sets, cut_to_background
from tasks.statistics import benjamini_hochberg
from tasks.statistics.matching import matched_by_bin, quantile_bins
from tasks.statistics.permutation import RARE
from tasks.store import RequestError, table_frame

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Family = tuple[str, str, Ints]  # library, name, genes
SMALLEST, BINS, TIE = 5, 10, 1e-9
CHUNK = 500  # draws at once
PREFIXES: dict[str, tuple[str, ...]] = {
    "ribosomal proteins": ("RPL", "RPS", "UBA52", "FAU"),
    "mitochondrial genes": ("MT-",),
    "MHC": ("HLA-",),
    "T-cell receptors": ("TR",),
    "histones": ("H1", "H2", "H3", "H4"),
    "metallothioneins": ("MT1", "MT2", "MT3", "MT4"),
    "immunoglobulins": ("IG",),
}


@dataclass(frozen=True)
class Tokens:
    """Active tokens ``fires`` [G, F] and all tokens ``count`` [G] of genes that occur, in ``bins`` [G] of ``count``."""

    fires: Floats
    count: Floats
    bins: Ints

    @classmethod
    def of(cls, fires: Floats, count: Ints) -> "Tokens":
        """Bins of equal numbers of genes."""
        return cls(fires, count.astype(np.float64), quantile_bins(count.astype(np.float64), BINS))

    def of_features(self, features: Ints) -> "Tokens":
        """Those of some of the features."""
        return Tokens(self.fires[:, features], self.count, self.bins)

    def of_random(self, drawn: Ints) -> Floats:
        """Log odds [n, F] of families of the genes ``drawn`` [n, m]."""
        rows = np.arange(0, drawn.size + 1, drawn.shape[1])
        picked = csr_matrix((np.ones(drawn.size), drawn.ravel(), rows), shape=(len(drawn), self.count.size))
        return self.log_odds(np.asarray(picked @ self.fires), self.count[drawn].sum(axis=1, keepdims=True))

    def shuffled(self, n_draws: int, seed: list[int]) -> Iterator[Ints]:
        """Genes [n, G] that change places within their bins: in column g, a random gene as frequent as g."""
        genes = np.arange(self.count.size)
        for first in range(0, n_draws, CHUNK):
            yield matched_by_bin(genes, genes, self.bins, min(CHUNK, n_draws - first), [*seed, first])

    def log_odds(self, active: Floats, tokens: Floats) -> Floats:
        """Step 2 for families of ``active`` [..., F] of ``tokens`` [..., 1]."""
        other_active, other = self.fires.sum(axis=0) - active, self.count.sum() - tokens
        odds: Floats = np.log((active + 0.5) * (other - other_active + 0.5)) - np.log(
            (tokens - active + 0.5) * (other_active + 0.5)
        )
        return odds


def family_rows(
    gene_fires: NDArray[np.uint32], axes: Axes, families: Sequence[Family], settings: LabelsSettings
) -> pl.DataFrame:
    """The columns of table ``feature_family`` behind sae_id. ``gene_fires`` [F, G]; dead features have no row."""
    alive = np.flatnonzero(gene_fires.any(axis=1))
    tokens = Tokens.of(gene_fires[alive].T.astype(np.float64), axes.gene_count)
    found = [*_published(tokens, axes.symbol), *_tested(tokens, families, settings)]
    nothing = table_frame("feature_family", []).drop("sae_id", "q", "n_tests")
    parts = [pl.DataFrame({"feature": alive.astype(np.uint32), **columns}).select(nothing.columns) for columns in found]
    rows = pl.concat([nothing, *parts], how="vertical_relaxed")
    rows = rows.with_columns(pl.col(pl.Float64).fill_nan(None))
    p = rows["p"].drop_nulls().to_numpy()
    tested = rows.filter(pl.col("p").is_not_null()).with_columns(q=benjamini_hochberg(p), n_tests=pl.lit(p.size))
    best = pl.col("p") == pl.col("p").min().over("feature")
    kept = tested.filter((pl.col("p") <= settings.keep_p) | best)
    counted = rows.filter(pl.col("p").is_null() & (pl.col("n_active") > 0))
    return pl.concat([kept, counted], how="diagonal").sort("feature", "library", "family")


def choose_families(symbols: Sequence[str], libraries: Mapping[str, Sets], settings: LabelsSettings) -> list[Family]:
    """The largest families that fit, genes as places among ``symbols``, largest first.

    Raises RequestError for an unknown library, and if no family fits.
    """
    found = []
    for library in settings.families:
        if library not in libraries:
            raise RequestError(
                f"labels.families: references.gene_sets has no library {library}: add its file there, or name another"
            )
        cut = cut_to_background(library, libraries[library], symbols, SMALLEST, settings.max_family)
        found += [(library, term, cut.members[row].indices.astype(np.int64)) for row, term in enumerate(cut.terms)]
    if settings.families and not found:
        raise RequestError(
            f"labels.families: no set of {', '.join(settings.families)} has {SMALLEST} to {settings.max_family} genes "
            "that the cells have: name other libraries or raise labels.max_family"
        )
    return sorted(found, key=lambda one: -one[2].size)[: settings.max_families]


def _tested(tokens: Tokens, families: Sequence[Family], settings: LabelsSettings) -> Iterator[dict[str, object]]:
    """Columns of every family, of all features of ``tokens``; one set of draws serves all families."""
    active = [tokens.fires[genes].sum(axis=0) for _, _, genes in families]
    n_tokens = [tokens.count[genes].sum() for _, _, genes in families]
    observed = [tokens.log_odds(one, np.array([n])) for one, n in zip(active, n_tokens, strict=True)]
    reached, total, square = (np.zeros((len(families), tokens.fires.shape[1])) for _ in range(3))
    for drawn in tokens.shuffled(settings.family_draws, [settings.seed, 0]) if families else ():
        for k, (_, _, genes) in enumerate(families):
            odds = tokens.of_random(drawn[:, genes])
            reached[k] += _reached(odds, observed[k])
            total[k], square[k] = total[k] + odds.sum(axis=0), square[k] + (odds**2).sum(axis=0)
    p = _finer(tokens, families, observed, reached, settings)
    mean = total / settings.family_draws
    sd = np.sqrt(np.maximum(square - settings.family_draws * mean**2, 0.0) / (settings.family_draws - 1))
    for k, (library, family, genes) in enumerate(families):
        figures = {"log_odds": observed[k], "null_mean": mean[k], "null_sd": sd[k], "p": p[k]}
        yield {**_counted(library, family, "curated", genes.size, active[k], n_tokens[k]), **figures}


def _finer(
    tokens: Tokens, families: Sequence[Family], observed: Sequence[Floats], reached: Floats, settings: LabelsSettings
) -> Floats:
    """p [K, F], of further draws alone where fewer than ``RARE`` of the first reached the observed log odds."""
    p = (1 + reached) / (1 + settings.family_draws)
    rare = {k: np.flatnonzero(one < RARE) for k, one in enumerate(reached)}
    few = {k: (tokens.of_features(own), observed[k][own]) for k, own in rare.items() if own.size}
    fine = {k: np.zeros(rare[k].size) for k in few}
    for drawn in tokens.shuffled(settings.fine_draws, [settings.seed, 1]) if few else ():
        for k, (own, least) in few.items():
            fine[k] += _reached(own.of_random(drawn[:, families[k][2]]), least)
    for k, counts in fine.items():
        p[k, rare[k]] = (1 + counts) / (1 + settings.fine_draws)
    return p


def _reached(drawn: Floats, observed: Floats) -> Ints:
    reached: Ints = (drawn >= observed - TIE).sum(axis=0)
    return reached


def _published(tokens: Tokens, symbols: Sequence[str]) -> Iterator[dict[str, object]]:
    """The families by prefix: what they count, and the log odds beside it."""
    for family, prefixes in PREFIXES.items():
        genes = np.array([place for place, symbol in enumerate(symbols) if symbol.upper().startswith(prefixes)], int)
        if genes.size:
            active, n_tokens = tokens.fires[genes].sum(axis=0), tokens.count[genes].sum()
            counted = _counted("prefix", family, "published_prefix", genes.size, active, n_tokens)
            none = {name: np.full(active.size, np.nan) for name in ("null_mean", "null_sd", "p")}
            yield {**counted, "log_odds": tokens.log_odds(active, np.array([n_tokens])), **none}


def _counted(library: str, family: str, rule: str, n_genes: int, active: Floats, n_tokens: float) -> dict[str, object]:
    named = {"library": library, "family": family, "rule": rule, "n_genes": n_genes, "n_tokens": int(n_tokens)}
    return {**named, "n_active": active.astype(np.int64)}
