"""Cases about edges and hubs."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.planted_claims import EDGES, Tables, zero_edit

NO, YES, OPEN = "not supported", "supported", "cannot be told"
FILTERED = '{"trace": {"cells_split": "heldout", "cells_where": {"donor": ["d1"]}}}'
HELD_OUT = '{"trace": {"cells_split": "heldout", "cells_where": {}}}'
WITH_DONORS = '{"labels": {"donor": "patient"}}'
SAES = {"source_sae": "L00-a", "target_sae": "L02-c"}


def hook(_: np.random.Generator, n_edges: int, largest: float) -> Tables:
    """An edit of zero: what a hook gives that puts its input plus the edit in the place of a block's output."""
    return {"trace_control": zero_edit(n_edges=n_edges, largest=largest)}


def degrees(rng: np.random.Generator, spread: float) -> Tables:
    """Edges of 200 sources: nearly as many for each if every edit deletes the block as well."""
    observed = np.round(4_970 * np.exp(spread * rng.normal(size=200))).astype(int)
    named = {**EDGES, "effect": "total", "criterion": "calibrated", "n_cells": 200, "n_perm": 50}
    expected = 0.001 * observed
    return {
        "trace_control": zero_edit(),
        "null_feature": pl.DataFrame(
            {**named, "source_feature": range(200), "observed": observed, "expected_null": expected}
        ),
    }


def flips(_: np.random.Generator, share: float, broken: bool = False) -> Tables:
    """Pairs that pass the rule, and ``share`` of them with signs flipped; ``broken``: an edit of nothing does much."""
    named = {**EDGES, "effect": "total", "criterion": "calibrated", "n_cells": 200, "n_perm": 50}
    rows = {**named, "source_feature": range(30), "observed": 400, "expected_null": 400 * share}
    return {
        "trace_control": zero_edit(n_edges=71_474 if broken else 0, largest=40.0 if broken else 0.0),
        "null_feature": pl.DataFrame(rows),
    }


def controls(rng: np.random.Generator, generic: float, n: int = 16) -> Tables:
    """Edges of ``n`` sources and of control directions, ``generic`` as many: targets that answer any displacement."""
    own = rng.poisson(40 * np.exp(rng.normal(0, 1, n)))
    anything = {kind: rng.poisson(generic * 40 * np.exp(rng.normal(0, 1, n))) for kind in ("random", "covariance")}
    counts = {"real": own, "random_direction": anything["random"], "covariance_matched": anything["covariance"]}
    rows = [
        pl.DataFrame({**EDGES, "effect": "total", "source_feature": range(n), "control": kind, "n_edges": n_edges})
        for kind, n_edges in counts.items()
    ]
    return {"trace_control": pl.concat([*rows, zero_edit()], how="diagonal_relaxed")}


def specific(rng: np.random.Generator, left: float) -> Tables:
    """As ``controls``, with the share of specific edges that a control direction would have."""
    tables = controls(rng, generic=1.0)
    kept = pl.when(pl.col("control") == "real").then(0.5).otherwise(0.5 * left) * pl.col("n_edges")
    return {"trace_control": tables["trace_control"].with_columns(n_specific=kept.cast(pl.UInt32))}


def coherent(_: np.random.Generator, share: float, q: float, movable: float = 1.0) -> Tables:
    """Edges that share a term beside exchanged targets."""
    named = {**SAES, "effect": "total", "criterion": "calibrated", "rule": "matched"}
    numbers = {"share": share, "null_mean": 0.373, "p": q, "q": q, "movable": movable, "share_identical": 0.02}
    row = {**named, **numbers, "n_pairs": 400, "n_null": 199}
    return {"trace_control": zero_edit(), "coherence": pl.DataFrame({name: [value] for name, value in row.items()})}


def no_controls(_: np.random.Generator) -> Tables:
    """A trace without controls."""
    return {"layer_pair": pl.DataFrame({**SAES, "effect": ["total"]})}


def donors(
    rng: np.random.Generator, mean: float, n_donors: int = 8, n_pairs: int = 60, icc: float = 0.05, called: float = 1.96
) -> Tables:
    """Effects in cells of donors that differ; edges are pairs of |t| above ``called`` over cells. ``mean``: in SD."""
    n_cells = 100
    donor = np.repeat(np.arange(n_donors), n_cells)
    effects = mean + np.sqrt(icc) * rng.normal(size=(n_donors, n_pairs))[donor]
    effects += np.sqrt(1 - icc) * rng.normal(size=effects.shape)
    t = effects.mean(0) * np.sqrt(len(donor)) / effects.std(0, ddof=1)
    cell = np.arange(len(donor))
    ends = {**SAES, "source_feature": 3, "effect": "total"}
    return {
        "trace_control": zero_edit(),
        "layer_pair": pl.DataFrame({**SAES, "effect": ["total"]}),
        "cell_obs": pl.DataFrame({"cell_id": cell, "key": "patient", "value": [f"d{each}" for each in donor]}),
        "trace_pair": pl.DataFrame({"source_sae": "L00-a", "source_feature": 3, "cell_id": cell}),
        "edge": pl.DataFrame({**ends, "criterion": "calibrated", "target_feature": np.flatnonzero(np.abs(t) > called)}),
        "effect_cell": pl.DataFrame(
            {
                **ends,
                "cell_id": cell,
                "targets": [list(range(n_pairs))] * len(cell),
                "deltas": effects.tolist(),
            },
            schema_overrides={"targets": pl.List(pl.UInt32), "deltas": pl.List(pl.Float32)},
        ),
    }


def special_tokens(rng: np.random.Generator, special: bool) -> Tables:
    """Edges of 50 sources, of which one owns a seventh and fires where no gene stands (or does not)."""
    degree = rng.poisson(60, 50)
    degree[7] = 500
    genes = [f"G{feature}" if feature != 7 or not special else None for feature in range(50)]
    of_sae = {"sae_id": "L00-a", "feature": range(50)}
    return {
        "trace_control": zero_edit(),
        "feature_degree": pl.DataFrame(
            {**of_sae, "effect": "total", "direction": "out", "criterion": "calibrated", "degree": degree}
        ),
        "feature_top_cell": pl.DataFrame({**of_sae, "rank": 1, "cell_id": 5, "gene_id": genes}),
    }


def hubs(rng: np.random.Generator, slope: float, largest: int = 0) -> Tables:
    """Degrees of 100 sources that follow how often they fire (or do not), and one of ``largest`` more edges."""
    frequency = np.exp(rng.normal(-4, 1, 100))
    degree = np.round(50 * np.exp(slope * (np.log(frequency) + 4) + 0.4 * rng.normal(size=100))).astype(int)
    degree[3] += largest
    of_sae = {"sae_id": "L00-a", "feature": range(100)}
    out = {"effect": "total", "direction": "out", "criterion": "calibrated", "layer": 0}
    return {
        "feature": pl.DataFrame({**of_sae, "frequency": frequency, "alive": True}),
        "feature_degree": pl.DataFrame({**of_sae, **out, "degree": degree}),
    }


def sweep(rng: np.random.Generator, kept: float) -> Tables:
    """Of twenty hubs, how many remain in each of 30 settings, each with probability ``kept``."""
    grid = [(effect, agreement) for effect in (0.3, 0.5, 0.8, 1, 1.5, 2) for agreement in (0.6, 0.7, 0.8, 0.9, 1.0)]
    thresholds = {"effect_min": [row[0] for row in grid], "consistency_min": [row[1] for row in grid]}
    numbers = {"n_features": 400, "n_edges": 900, "top20_overlap": rng.binomial(20, kept, 30)}
    return {"threshold_sweep": pl.DataFrame({"source_sae": "L00-a", "effect": "total", **thresholds, **numbers})}


def direct(_: np.random.Generator, n_both: int) -> Tables:
    """Edges of total effects of which ``n_both`` are direct, two layers apart."""
    layers = {**SAES, "source_layer": 0, "target_layer": 2, "criterion": "calibrated"}
    return {"effect_comparison": pl.DataFrame({**layers, "n_total": [500], "n_both": [n_both]})}


def traced(_: np.random.Generator) -> Tables:
    """A trace, and an autoencoder that explains held-out cells."""
    sae = {"sae_id": ["L00-a"], "layer": 0, "fvu": 0.1, "n_heldout_positions": 900, "described": True}
    return {"layer_pair": pl.DataFrame({**SAES, "effect": ["total"]}), "sae": pl.DataFrame(sae)}


def fitted(_: np.random.Generator, explained: float) -> Tables:
    """A trace in other cells than those held out, of which an autoencoder explains so much."""
    fit = {"source_sae": ["L00-a"], "sae_id": "L00-a", "layer": 0, "positions": "gene", "explained": explained}
    return traced(_) | {"traced_fit": pl.DataFrame(fit)}


CASES = (
    ("hook_deletes_a_block", "zero_edit", NO, partial(hook, n_edges=71_474, largest=37.6)),
    ("hook_adds", "zero_edit", YES, partial(hook, n_edges=0, largest=0.0)),
    ("edges_all_alike", "edges_vary", NO, partial(degrees, spread=0.005)),
    ("edges_differ", "edges_vary", YES, partial(degrees, spread=0.8)),
    ("signs_by_chance", "edges_beyond_sign_flips", NO, partial(flips, share=0.6)),
    ("signs_agree", "edges_beyond_sign_flips", YES, partial(flips, share=0.01)),
    ("signs_agree_by_a_hook", "edges_beyond_sign_flips", OPEN, partial(flips, share=0.01, broken=True)),
    ("any_displacement", "edges_are_specific", NO, partial(controls, generic=1.0)),
    ("one_direction", "edges_are_specific", YES, partial(controls, generic=0.01)),
    ("any_direction", "features_beyond_random_directions", NO, partial(controls, generic=1.0)),
    ("own_direction", "features_beyond_random_directions", YES, partial(controls, generic=0.05)),
    ("few_controls", "features_beyond_random_directions", OPEN, partial(controls, generic=0.05, n=3)),
    ("without_controls", "edges_are_specific", OPEN, no_controls),
    ("specific_by_name", "specific_edges_hold", NO, partial(specific, left=0.8)),
    ("specific", "specific_edges_hold", YES, partial(specific, left=0.02)),
    ("rich_in_terms", "edges_share_terms", NO, partial(coherent, share=0.361, q=0.8)),
    ("of_one_programme", "edges_share_terms", YES, partial(coherent, share=0.48, q=0.01)),
    ("exchanged_for_itself", "edges_share_terms", OPEN, partial(coherent, share=0.48, q=0.01, movable=0.3)),
    ("donors_differ", "edges_of_other_donors", NO, partial(donors, mean=0), WITH_DONORS),
    ("donors_agree", "edges_of_other_donors", YES, partial(donors, mean=0.6, n_donors=10), WITH_DONORS),
    ("two_donors", "edges_of_other_donors", OPEN, partial(donors, mean=0.6, n_donors=2), WITH_DONORS),
    ("no_donors", "edges_of_other_donors", OPEN, no_controls),
    ("start_tokens", "edges_of_genes", NO, partial(special_tokens, special=True)),
    ("gene_tokens", "edges_of_genes", YES, partial(special_tokens, special=False)),
    ("often_active", "hubs_beyond_frequency", NO, partial(hubs, slope=1.0)),
    ("not_by_activity", "hubs_beyond_frequency", YES, partial(hubs, slope=0.1)),
    ("one_owns_most", "edges_of_many", NO, partial(hubs, slope=0.1, largest=2_000)),
    ("many_own", "edges_of_many", YES, partial(hubs, slope=0.1)),
    ("hubs_by_threshold", "hubs_over_thresholds", NO, partial(sweep, kept=0.6)),
    ("hubs_that_stay", "hubs_over_thresholds", YES, partial(sweep, kept=0.95)),
    ("through_layers", "edges_are_direct", NO, partial(direct, n_both=120)),
    ("past_layers", "edges_are_direct", YES, partial(direct, n_both=470)),
    ("other_cells_traced", "traced_cells_fit", OPEN, traced, FILTERED),
    ("other_cells_explained", "traced_cells_fit", YES, partial(fitted, explained=0.85), FILTERED),
    ("domain_shift", "traced_cells_fit", NO, partial(fitted, explained=0.6), FILTERED),
    ("held_out_traced", "traced_cells_fit", YES, traced, HELD_OUT),
    ("old_run", "traced_cells_fit", OPEN, traced, "not even JSON"),
)
