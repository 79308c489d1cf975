"""What share of a basis can be described: by the genes' sets, by cell types, by a name; each rate with its null.

1. Features are described as step ``describe`` does it, with the study's settings of that step, on the sample's cells.
2. Annotated: of the features with a gene list, the share with a significant set. Null: as many random lists that hold
   genes as often as this basis does.
3. With a type: of the features that fire, the share with a called cell type. Null: the same with labels shuffled
   between the sample's cells.
4. With a name: see ``named``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.baselines.named import named_rates
from tasks.analyses.baselines.sample import Sample
from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums, cell_means, sum_firings
from tasks.codes.reader import Firings
from tasks.describe.cell_types import cell_types, top_cell_types
from tasks.describe.genes import top_genes
from tasks.describe.settings import DescribeSettings
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import Library, Sets, cut_all
from tasks.references.null_lists import null_fractions
from tasks.references.tails import tails_of


def libraries_of(references: Mapping[str, Sets], axes: Axes, describe: DescribeSettings) -> list[Library]:
    """The gene sets that are tested on every basis, cut to the genes that occur."""
    return cut_all(references, axes.background, describe.min_set, describe.max_set)


def rates(
    firings: Iterable[Firings],
    n_features: int,
    sample: Sample,
    libraries: Sequence[Library],
    describe: DescribeSettings,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """The columns of table ``baseline`` that firings decide."""
    kept = list(firings)
    sums = sum_firings(kept, sample.axes, n_features)
    n_alive = int(sums.alive.sum())
    return {
        "n_features": n_features,
        "n_alive": n_alive,
        "l0": sums.fire_count.sum() / sample.axes.n_positions,
        **annotated_rates(sums, sample.axes, libraries, describe, draws, seed),
        **type_rates(cell_means(sums, sample.axes), sums, sample, describe, draws, seed),
        **named_rates(kept, sums, sample, libraries, describe, seed),
    }


def annotated_rates(
    sums: FiringSums,
    axes: Axes,
    libraries: Sequence[Library],
    describe: DescribeSettings,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Step 2; NULL if no feature has a gene list."""
    ranked = top_genes(sums, axes, describe.tested_genes, describe.min_fire, describe.shrinkage)
    genes = gene_lists(ranked, axes.background)
    n_described = genes.feature.size
    if not n_described or not libraries:
        return {"n_described": n_described, "n_annotated": 0, "annotated_fraction": None, "null_annotated": None}
    tails = [tails_of(one.members, genes.lists, describe.listed) for one in libraries]
    _, found = annotate(genes, libraries, tails, describe.alpha)
    null = null_fractions(genes.lists, libraries, tails, describe.alpha, draws, seed)
    n_annotated = int(found.any(axis=0).sum())
    return {
        "n_described": n_described,
        "n_annotated": n_annotated,
        "annotated_fraction": n_annotated / n_described,
        "null_annotated": float(null[:, -1].mean()),
    }


def type_rates(
    means: csr_matrix,
    sums: FiringSums,
    sample: Sample,
    describe: DescribeSettings,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Step 3; NULL if there are no two types to compare, or nothing fires."""

    def called(given: list[str | None]) -> tuple[int, bool]:
        frame = cell_types(means, given, sample.lengths, sums.alive, describe)
        return top_cell_types(frame).height, not frame.is_empty()

    n_alive = int(sums.alive.sum())
    n_with_type, tested = called(sample.labels)
    if not tested:
        return {"n_with_type": 0, "type_fraction": None, "null_type": None}
    rng, own = np.random.default_rng(seed), np.array(sample.labels, dtype=object)
    null = [called(rng.permutation(own).tolist())[0] for _ in range(draws)]
    return {
        "n_with_type": n_with_type,
        "type_fraction": n_with_type / n_alive,
        "null_type": float(np.mean(null)) / n_alive,
    }
