"""Gene-set enrichment analysis of one ranking (Subramanian et al. 2005, doi:10.1073/pnas.0506580102), by gseapy.

1. Genes g_1, g_2, … in falling order of score s. Walking down, the sum rises by s_i / S at a gene of the set (S: the
   scores of all its genes) and falls by 1 / (N - n) at any other; ES is its largest distance from 0.
2. p: how often a set of as many genes drawn at random has an ES of the same sign as far out. multilevel: adaptive
   splitting (Korotkevich et al. 2021, doi:10.1101/060012), with no floor that matters. permutation: B draws,
   p = (1 + reached) / (1 + B).
3. NES = ES over the mean ES of random sets of the same size and sign. Where scores are so uneven that hardly a random
   set has that sign, NES has no value and p is 1.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gseapy
import pandas as pd
import polars as pl

from tasks.analyses.ranked.step import RankedSettings
from tasks.references.gene_sets import Library

SCHEMA = {
    "term": pl.String,
    "n_set": pl.Int64,
    "es": pl.Float64,
    "nes": pl.Float64,
    "p": pl.Float64,
    "genes": pl.String,
}
SMALLEST_P = 1e-50  # below, multilevel splitting stops
STDERR, KNOWN = 2, b"same-sign null enrichment scores"  # what step 3 says and the table tells
_alone = threading.Lock()  # a process has one stderr


def enrich_ranking(ranking: pl.DataFrame, library: Library, settings: RankedSettings, seed: int) -> pl.DataFrame:
    """Columns SCHEMA, one row a set, by p. ``ranking``: symbol and score, falling; ``library`` over its genes.

    ``genes`` is the leading edge: genes of the set up to the place of ES, by rank.
    """
    if not library.terms or ranking.height < 2:
        return pl.DataFrame(schema=SCHEMA)
    symbols = ranking["symbol"].to_list()
    place = [str(number) for number in range(len(symbols))]  # gseapy changes the case of some names
    with _quiet():
        found = gseapy.prerank(
            rnk=pd.Series(ranking["score"].to_numpy(), index=place),
            gene_sets=_sets(library, place),
            permutation_num=settings.permutations,
            min_size=1,
            max_size=len(place),
            method=settings.method,
            eps=SMALLEST_P,
            seed=seed,
            threads=1,
            no_plot=True,
            verbose=False,
        ).res2d
    term = found["Term"].astype(int).to_numpy()
    p = found["NOM p-val"].astype(float).fillna(1.0).to_numpy()  # NaN: hardly a random set has an ES of that sign
    if settings.method == "permutation":
        p = (1 + p * settings.permutations) / (1 + settings.permutations)
    leading = [", ".join(symbols[int(one)] for one in genes.split(";") if one) for genes in found["Lead_genes"]]
    columns = {
        "term": pl.Series(library.terms, dtype=pl.String).gather(term),
        "n_set": library.members.getnnz(axis=1)[term],
        "es": found["ES"].astype(float).to_numpy(),
        "nes": found["NES"].astype(float).to_numpy(),
        "p": p.clip(0.0, 1.0),
        "genes": leading,
    }
    return pl.DataFrame(columns, schema=SCHEMA).with_columns(pl.col("nes").fill_nan(None)).sort("p", "term")


def _sets(library: Library, place: list[str]) -> dict[str, list[str]]:
    rows = library.members
    return {
        str(term): [place[gene] for gene in rows.indices[rows.indptr[term] : rows.indptr[term + 1]]]
        for term in range(len(library.terms))
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the note on sets without NES from the terminal, which compiled code writes past Python's own streams."""
    with _alone, tempfile.TemporaryFile() as kept:
        before = os.dup(STDERR)
        os.dup2(kept.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(before, STDERR)
            os.close(before)
            kept.seek(0)
            os.write(STDERR, b"".join(line for line in kept if KNOWN not in line))
