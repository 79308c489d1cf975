"""Gene sets in the whole ranking of a feature's genes, for features that the study names.

1. A named feature's genes: all on which it fires, by score = activation summed over the positions of the gene /
   (positions + ``shrinkage``), falling; ties in the order of the gene table.
2. Every library is cut to these genes, and every set of ``min_set`` to ``max_set`` of them is tested (``prerank``).
3. q is Benjamini-Hochberg over all features, libraries and sets of the layer.

Over-representation (table ``annotation``) looks at the first genes alone; a set that is spread over the upper half of
the ranking shows only here. Genes are not independent of each other, and random sets are drawn as if they were: p is
that of a random set of genes, not of other cells.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.ranked.prerank import enrich_ranking
from tasks.analyses.ranked.step import RankedSettings
from tasks.codes.axes import NO_GENE, Axes, read_axes
from tasks.codes.reader import CodesReader
from tasks.references.gene_sets import Sets, cut_to_background
from tasks.references.reader import ReferencesReader
from tasks.statistics import benjamini_hochberg
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame

UNIT = "ranked"
TABLE = "ranked_term"


def rank_gene_sets(settings: RankedSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Test the named features of one layer. Raises RequestError for a feature that the layer does not have."""
    codes = CodesReader(inputs.folder("codes"))
    features = settings.of_layer(inputs.own_layer)
    if features and features[-1] >= codes.n_features:
        raise RequestError(
            f"ranked.features: no feature {features[-1]} in layer {codes.layer}; it has features 0 to "
            f"{codes.n_features - 1}"
        )
    if not out.has(UNIT):
        axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
        scores = gene_scores(codes, axes, features, settings.shrinkage)
        libraries = ReferencesReader(inputs.folder("references")).gene_sets()
        tested = [
            rank_tests(feature, ranking(own, axes), libraries, settings)
            for feature, own in zip(features, scores, strict=True)
        ]
        with out.unit(UNIT) as shard:
            shard.table(TABLE, rows(tested, settings).select(pl.lit(codes.sae_id).alias("sae_id"), pl.all()))
    found = out.read_table(TABLE)
    return {"sae_id": codes.sae_id, "n_features": len(features), "n_significant": int(found["significant"].sum())}


def gene_scores(codes: CodesReader, axes: Axes, features: list[int], shrinkage: float) -> NDArray[np.float64]:
    """Step 1: score of every gene for each of ``features``, 0 where it never fires: [len(features), G]."""
    place = np.full(codes.n_features, -1)
    place[features] = np.arange(len(features))
    total = np.zeros((len(features), len(axes.gene_id)))
    for chunk in codes:
        gene, row = axes.gene[chunk.position], place[chunk.feature]
        kept = (gene != NO_GENE) & (row >= 0)
        np.add.at(total, (row[kept], gene[kept]), chunk.value[kept].astype(np.float64))
    scores: NDArray[np.float64] = total / (axes.gene_count + shrinkage)
    return scores


def ranking(score: NDArray[np.float64], axes: Axes) -> pl.DataFrame:
    """Columns symbol and score of the genes with a score, falling; of two genes of one symbol the first."""
    frame = pl.DataFrame({"symbol": axes.symbol, "score": score}, schema={"symbol": pl.String, "score": pl.Float64})
    ranked = frame.filter(pl.col("score") > 0).sort("score", descending=True, maintain_order=True)
    upper = pl.col("symbol").str.to_uppercase()
    return ranked.with_columns(upper=upper).unique("upper", keep="first", maintain_order=True).drop("upper")


def rank_tests(
    feature: int, ranked: pl.DataFrame, libraries: dict[str, Sets], settings: RankedSettings
) -> pl.DataFrame:
    """Step 2: every set that was tested for one feature."""
    frames = []
    for number, (name, sets) in enumerate(libraries.items()):
        library = cut_to_background(name, sets, ranked["symbol"].to_list(), settings.min_set, settings.max_set)
        seed = int(np.random.default_rng([settings.seed, feature, number]).integers(2**31))
        found = enrich_ranking(ranked, library, settings, seed)
        frames.append(found.select(pl.lit(name).alias("library"), pl.all()))
    tested = pl.concat(frames)
    return tested.select(pl.lit(feature, pl.UInt32).alias("feature"), pl.all(), n_ranked=pl.lit(ranked.height))


def rows(tested: list[pl.DataFrame], settings: RankedSettings) -> pl.DataFrame:
    """Step 3: table ``ranked_term`` behind sae_id: significant sets, and the best of each feature and library."""
    every = pl.concat([table_frame(TABLE, []).select(tested[0].columns), *tested], how="vertical_relaxed")
    q = benjamini_hochberg(every["p"].to_numpy())
    every = every.with_columns(q=pl.Series(q), significant=pl.Series(q <= settings.alpha))
    every = every.with_columns(rank=pl.int_range(1, pl.len() + 1).over("feature", "library"))
    return every.filter(pl.col("significant") | (pl.col("rank") <= settings.shown))
