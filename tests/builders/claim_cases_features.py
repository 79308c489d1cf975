"""Cases about data, gene sets, cell types, layers and modules."""

from functools import partial
from typing import Any

import numpy as np
import polars as pl

from tests.builders.planted_claims import Tables

NO, YES, OPEN = "not supported", "supported", "cannot be told"
SAE = {"sae_id": "L00-a"}


def one(**values: Any) -> pl.DataFrame:
    """A row."""
    return pl.DataFrame({name: [value] for name, value in values.items()})


def cells(rng: np.random.Generator, kind: str) -> Tables:
    """Cells of negative binomial counts: as they are, scaled to ten thousand, or log1p of that, as totals."""
    median = np.exp(rng.normal(size=500))
    rate = median * np.exp(rng.normal(0, 0.8, (50, 500)))
    rate *= 12_000 / rate.sum(1, keepdims=True)
    counts = rng.poisson(rate * rng.gamma(2, 0.5, rate.shape)).astype(float)
    scaled = counts / counts.sum(1, keepdims=True) * 1e4
    totals = {"counts": counts, "scaled": scaled, "log": np.log1p(scaled)}[kind].sum(1)
    return {"cell": pl.DataFrame({"cell_id": range(50), "n_counts": totals, "chosen": True})}


def annotated(rng: np.random.Generator, gain: float, n_null: int = 20) -> Tables:
    """Features by rare and common genes: lists with an annotation, beside as many lists drawn by frequency.

    150 lists of twenty of 600 genes, drawn by how often genes are listed; a list is annotated if it shares two genes
    with one of 60 sets, as the published rule has it. ``gain``: the share of lists that are given four genes of a set.
    """
    weight = rng.gamma(0.3, size=600)
    sets = np.zeros((60, 600), dtype=bool)
    for row in sets:
        row[rng.choice(600, 9, replace=False)] = True

    def share(programmes: float) -> float:
        keys = np.log(weight) + rng.gumbel(size=(150, 600))
        listed = keys >= np.sort(keys, axis=1)[:, -20:-19]
        given = rng.random(150) < programmes
        for row in np.flatnonzero(given):
            listed[row, rng.choice(np.flatnonzero(sets[rng.integers(60)]), 4, replace=False)] = True
        return float((listed.astype(float) @ sets.T.astype(float) >= 2).any(1).mean())

    null = np.array([share(0) for _ in range(n_null)])
    shares = {
        "annotated_fraction": share(gain),
        "null_mean": null.mean(),
        "null_sd": null.std(),
        "null_max": null.max(),
    }
    return {"annotation_summary": one(**SAE, library="all", rule="published", n_null=n_null, **shares)}


def labels(rng: np.random.Generator, effect: float, shuffled: bool = True, n_null: int = 19) -> Tables:
    """Share of 200 features called for a label of 100 cells, and of labels shuffled, which depend on one shuffle each.

    Not ``shuffled``: a label of whole donors, shuffled within donors, which changes nothing.
    """

    def called(shift: float) -> float:
        common = 0.3 * rng.normal()  # what all features share
        return float((np.abs(rng.normal(shift, 1, 200) + common) > 2).mean())

    share = called(effect)
    null = np.array([called(0) if shuffled else share for _ in range(n_null)])
    named = {"obs_column": "cell_type", "conditional": False, "rule": "stratified", "n_tested": 2}
    found = {"called_fraction": share, "null_mean": null.mean(), "null_sd": null.std(), "n_null": n_null}
    return {"label_summary": one(**SAE, **named, **found)}


def types(_: np.random.Generator, n_cells: int, fewest: int) -> Tables:
    """A called type of ``fewest`` cells among ``n_cells`` that were counted, in a run of 1,000 cells."""
    return {
        "cell": pl.DataFrame({"cell_id": range(1_000), "chosen": True}),
        "cell_type": pl.DataFrame({"sae_id": "L00-a", "cell_type": ["A", "B"], "n_cells": [fewest, n_cells - fewest]}),
        "feature_cell_type": one(**SAE, feature=0, cell_type="A", n_cells=fewest, significant=True, called=True),
    }


def donors(rng: np.random.Generator, n_donors: int, share: float) -> Tables:
    """Called features, ``share`` of which hold over donors."""
    holds = rng.permutation(50) < 50 * share
    return {
        "feature_label": pl.DataFrame(
            {
                **SAE,
                "feature": range(50),
                "obs_column": "cell_type",
                "label": "A",
                "conditional": False,
                "unit": "cell",
                "n_donors": n_donors,
                "significant": True,
                "donor_auroc": 0.8,
                "donor_q": np.where(holds, 0.01, 0.4) if n_donors >= 3 else [None] * 50,
            },
            schema_overrides={"donor_q": pl.Float64},
        )
    }


def baselines(_: np.random.Generator, column: str, own: float, neurons: float) -> Tables:
    """An autoencoder's share beside that of neurons and principal axes."""
    null, n = {"annotated": ("null_annotated", "n_described"), "type": ("null_type", "n_alive")}[column]
    rows = {"sae_id": "L00-a", "basis": ["autoencoder", "neurons", "pca"], n: [512, 512, 512], null: [0.01] * 3}
    return {"baseline": pl.DataFrame({**rows, f"{column}_fraction": [own, neurons, 0.02]})}


def matches(rng: np.random.Generator, dead: bool) -> Tables:
    """Features found again: a dictionary and another of the same first matrix, half of it dead; or alive and apart."""
    other = rng.permutation(512)
    alive = rng.random(512) > 0.49
    found = np.flatnonzero(~alive)[:100] if dead else np.flatnonzero(alive)[:100]
    pairs = {
        "from_sae": "L00-a",
        "to_sae": "L01-b",
        "from_feature": found,
        "to_feature": found if dead else other[:100],
    }
    return {
        "sae": pl.DataFrame({"sae_id": ["L00-a", "L01-b"], "layer": [0, 1], "n_features": 512}),
        "feature": pl.DataFrame({**SAE, "feature": range(512), "alive": alive}),
        "feature_match": pl.DataFrame({**pairs, "matched": True}),
    }


def fit(_: np.random.Generator, shift: float, pca: float = 0.5) -> Tables:
    """A projector onto the subspace of its training cells explains 1 - shift of cells that lie partly outside."""
    sae = one(**SAE, layer=0, fvu=shift, n_heldout_positions=1_000, described=True)
    return {"sae": sae, "svd_layer": one(**SAE, rule="heldout", pca_equal_l0=pca)}


def guilt(rng: np.random.Generator, shift: float) -> Tables:
    """Unannotated features in a module with annotated ones: two large modules hold them by chance."""
    expected = 900.0
    seen = int(rng.binomial(1_000, min(expected / 1_000 + shift, 1)))
    numbers = {"n_unannotated": 1_000, "n_guilt_by_association": seen, "expected_guilt": expected}
    return {"novel_summary": one(**SAE, rule="weighted", **numbers)}


def axes(rng: np.random.Generator, kept: float) -> Tables:
    """Directions with ``kept`` of what they have within 50 of 512 axes: 1 as random ones, above it within the span."""
    directions = rng.normal(size=(2_000, 512))
    directions[:, :50] *= kept
    share = (directions[:, :50] ** 2).sum(1) / (directions**2).sum(1)
    return {"svd_layer": one(**SAE, rule="heldout", share_mean=float(share.mean()), share_expected=50 / 512)}


def highways(_: np.random.Generator, low: float, by_gene: int) -> Tables:
    """Features with a highway, and those that genes alone give one."""
    ends = {"source_sae": "L00-a", "target_sae": "L01-b", "n_alive_source": 1_000, "n_min": 20}
    return {"cross_layer_summary": one(**ends, n_highways=990, highway_low=low, n_highways_by_gene=by_gene)}


CASES = (
    ("counts", "counts_are_counts", YES, partial(cells, kind="counts")),
    ("scaled", "counts_are_counts", NO, partial(cells, kind="scaled")),
    ("logarithms", "counts_are_counts", NO, partial(cells, kind="log")),
    ("rarity", "annotated_by_published_rule", NO, partial(annotated, gain=0)),
    ("programmes", "annotated_by_published_rule", YES, partial(annotated, gain=0.6)),
    ("few_lists", "annotated_by_published_rule", OPEN, partial(annotated, gain=0.6, n_null=5)),
    ("labels_by_chance", "types_beyond_chance", NO, partial(labels, effect=0)),
    ("labels_that_mean", "types_beyond_chance", YES, partial(labels, effect=2)),
    ("labels_within_donors", "types_beyond_chance", OPEN, partial(labels, effect=2, shuffled=False)),
    ("positions", "types_have_cells", NO, partial(types, n_cells=1_755_348, fewest=200)),
    ("one_cell", "types_have_cells", NO, partial(types, n_cells=1_000, fewest=1)),
    ("cells", "types_have_cells", YES, partial(types, n_cells=1_000, fewest=50)),
    ("one_donor", "types_of_other_donors", OPEN, partial(donors, n_donors=0, share=0)),
    ("five_donors", "types_of_other_donors", OPEN, partial(donors, n_donors=5, share=1)),
    ("these_donors", "types_of_other_donors", NO, partial(donors, n_donors=8, share=0.3)),
    ("all_donors", "types_of_other_donors", YES, partial(donors, n_donors=8, share=0.96)),
    ("neurons_do", "annotation_beyond_baselines", NO, partial(baselines, column="annotated", own=0.06, neurons=0.08)),
    (
        "neurons_do_not",
        "annotation_beyond_baselines",
        YES,
        partial(baselines, column="annotated", own=0.2, neurons=0.03),
    ),
    ("neurons_mark", "types_beyond_baselines", NO, partial(baselines, column="type", own=0.12, neurons=0.28)),
    ("same_matrix", "matches_are_earned", NO, partial(matches, dead=True)),
    ("own_seeds", "matches_are_earned", YES, partial(matches, dead=False)),
    ("own_cells", "dictionary_fits", YES, partial(fit, shift=0.1)),
    ("other_cells", "dictionary_fits", NO, partial(fit, shift=0.6)),
    ("axes_fit_better", "dictionary_fits", NO, partial(fit, shift=0.3, pca=0.9)),
    ("large_modules", "guilt_beyond_chance", NO, partial(guilt, shift=0)),
    ("company", "guilt_beyond_chance", YES, partial(guilt, shift=0.08)),
    ("within_axes", "beyond_principal_axes", NO, partial(axes, kept=3)),
    ("beyond_axes", "beyond_principal_axes", YES, partial(axes, kept=0.3)),
    ("by_genes", "highways_beyond_genes", NO, partial(highways, low=0.98, by_gene=985)),
    ("beyond_genes", "highways_beyond_genes", YES, partial(highways, low=0.98, by_gene=40)),
)
