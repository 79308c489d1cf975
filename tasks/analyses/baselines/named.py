"""What share of a basis gets a name, by the rule of step ``describe``; and of the same firings without any meaning.

1. A feature that fires is named by its first genes, by a called cell type or by a significant set (``describe.names``).
2. Null: genes are shuffled between positions and labels between cells, once, and all features are named again. Each
   keeps when and how strongly it fires. What is named now, is named for firing often on genes that are read often.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.baselines.sample import Sample
from tasks.codes.firing_sums import FiringSums, cell_means, sum_firings
from tasks.codes.reader import Firings
from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.describe.concentration import concentration
from tasks.describe.genes import top_genes
from tasks.describe.names import NONE, named
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import best_labels
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import Library
from tasks.references.tails import tails_of


def named_rates(
    firings: Sequence[Firings],
    sums: FiringSums,
    sample: Sample,
    libraries: Sequence[Library],
    describe: DescribeSettings,
    seed: int,
) -> dict[str, Any]:
    """Columns n_named, named_fraction and null_named of table ``baseline``; NULL if nothing fires.

    ``sums`` are those of ``firings``.
    """
    n_alive = int(sums.alive.sum())
    if not n_alive:
        return {"n_named": 0, "named_fraction": None, "null_named": None}
    n_named = count_named(sums, sample, libraries, describe)
    shuffled = _shuffled(sample, np.random.default_rng(seed))
    null = count_named(sum_firings(firings, shuffled.axes, sums.alive.size), shuffled, libraries, describe)
    return {"n_named": n_named, "named_fraction": n_named / n_alive, "null_named": null / n_alive}


def count_named(sums: FiringSums, sample: Sample, libraries: Sequence[Library], describe: DescribeSettings) -> int:
    """Step 1: how many features have a name."""
    axes, longest = sample.axes, max(describe.top_genes, describe.tested_genes)
    ranked = top_genes(sums, axes, longest, describe.min_fire, describe.shrinkage)
    types = cell_types(cell_means(sums, axes), sample.labels, sample.lengths, sums.alive, describe)
    features = pl.DataFrame({"feature": np.flatnonzero(sums.alive).astype(np.uint32), "alive": True})
    for columns in (
        concentration(sums, axes, ranked),
        _terms(ranked, sample, libraries, describe),
        top_cell_types(types),
    ):
        features = features.join(columns, on="feature", how="left", maintain_order="left")
    return int((named(features, describe)["named_by"] != NONE).sum())


def _terms(
    ranked: pl.DataFrame, sample: Sample, libraries: Sequence[Library], describe: DescribeSettings
) -> pl.DataFrame:
    """The best significant set of every feature that has one."""
    genes = gene_lists(ranked.filter(pl.col("rank") <= describe.tested_genes), sample.axes.background)
    if not genes.feature.size or not libraries:
        nothing = {"feature": pl.UInt32, "label": pl.String, "label_library": pl.String, "label_q": pl.Float64}
        return pl.DataFrame(schema=nothing)
    tails = [tails_of(one.members, genes.lists, describe.listed) for one in libraries]
    rows, _ = annotate(genes, libraries, tails, describe.alpha)
    return best_labels(rows)


def _shuffled(sample: Sample, rng: np.random.Generator) -> Sample:
    """Step 2: the sample with other genes at its positions, each as often, and other labels at its cells."""
    labels = rng.permutation(np.array(sample.labels, dtype=object)).tolist()
    return replace(sample, axes=replace(sample.axes, gene=rng.permutation(sample.axes.gene)), labels=labels)
