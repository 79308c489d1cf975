"""The tests of ``tasks.statistics`` by name, and how often each calls something on samples of planted_statistics.

``CONTRASTS`` are what one would do without the test: the wrong unit, no strata, no matching. On samples with nothing
planted they show what the test is for.
"""

from collections.abc import Callable

import numpy as np

from tests.builders.planted_statistics import (
    donor_interval,
    false_discoveries,
    listed_genes,
    matched,
    partial_rank,
    partial_rank_permuted,
    plain_rank,
    rewired,
    share_interval,
    stratified_labels,
    stratified_wilcoxon,
    two_models,
    whole_donor_flips,
    whole_donor_labels,
)

Case = Callable[[np.random.Generator, bool], np.ndarray]
LEVEL = 0.05


def rate(case: Case, samples: int, seed: int, *, planted: bool) -> tuple[int, int]:
    """How many p-values of so many samples are at most 0.05, and how many there are."""
    rng = np.random.default_rng([seed, planted])
    p = np.concatenate([case(rng, planted) for _ in range(samples)])
    return int((p <= LEVEL).sum()), len(p)


CASES: dict[str, Case] = {
    "draws matched by bin": matched,
    "labels within batches": stratified_labels,
    "labels of whole donors": whole_donor_labels,
    "flips of whole donors": whole_donor_flips,
    "partial rank, Student's t": partial_rank,
    "partial rank, permuted": partial_rank_permuted,
    "van Elteren": stratified_wilcoxon,
    "Wallenius, odds from lists": listed_genes,
    "Vuong": two_models,
    "rewired, degrees kept": rewired,
    "Benjamini-Hochberg": false_discoveries,
    "bootstrap of donors, BCa": donor_interval,
    "Wilson": share_interval,
}
CONTRASTS: dict[str, Case] = {
    "bootstrap of donors, percentile": lambda rng, planted: donor_interval(rng, planted, "percentile"),
    "draws not matched": lambda rng, planted: matched(rng, planted, False),
    "labels over batches": lambda rng, planted: stratified_labels(rng, planted, False),
    "labels of cells": lambda rng, planted: whole_donor_labels(rng, planted, False),
    "flips of cells": lambda rng, planted: whole_donor_flips(rng, planted, False),
    "rank, no covariates": plain_rank,
    "Wilcoxon, no strata": lambda rng, planted: stratified_wilcoxon(rng, planted, False),
    "hypergeometric, no odds": lambda rng, planted: listed_genes(rng, planted, False),
    "random network, degrees lost": lambda rng, planted: rewired(rng, planted, False),
}
