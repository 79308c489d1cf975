"""Cases about hooks and places: doses, the site of an autoencoder, signs held against themselves, other cells."""

from functools import partial

import numpy as np
import polars as pl

from tests.builders.claim_cases_edges import FILTERED, SAES
from tests.builders.planted_claims import Tables

NO, YES, OPEN = "not supported", "supported", "cannot be told"
SAE = {"sae_id": "L00-a"}
WIDTH = 64


def explained(truth: np.ndarray, fitted: np.ndarray) -> float:
    """Share of the variance of ``truth`` about its mean that ``fitted`` explains."""
    return float(1 - np.square(truth - fitted).sum() / np.square(truth - truth.mean(0)).sum())


def _blocks(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(0, 0.5 / np.sqrt(WIDTH), (WIDTH, WIDTH)) for _ in range(4)]


def doses(rng: np.random.Generator, deletes: bool) -> Tables:
    """Twelve directions pushed twice at a block's output in a residual net; ``deletes``: the block goes with it."""
    blocks, inputs, read = _blocks(rng), rng.normal(1, 1, (200, WIDTH)), rng.normal(size=WIDTH)

    def ends(push: np.ndarray | float, edited: bool) -> np.ndarray:
        state = inputs if deletes and edited else inputs + np.tanh(inputs @ blocks[0])
        state = state + push
        for block in blocks[1:]:
            state = state + np.tanh(state @ block)
        return state @ read

    clean, rows = ends(0.0, edited=False), []
    for feature in range(12):
        axis = rng.normal(size=WIDTH)
        for multiplier, dose in ((1.5, 0.2), (3.0, 0.5)):
            mean = float((ends(dose * axis / np.linalg.norm(axis), edited=True) - clean).mean())
            rows.append({**SAE, "feature": feature, "multiplier": multiplier, "mean_dose": dose, "mean": mean})
    same = {"arm": pl.lit("feature"), "readout": pl.lit("marker"), "degenerate": pl.lit(value=False)}
    return {"steering_summary": pl.DataFrame(rows).with_columns(**same)}


def site(rng: np.random.Generator, own: bool) -> Tables:
    """An autoencoder (sixteen axes) of a block's input, read there or at its output, beside axes of the site."""
    latent, block = rng.normal(size=(16, WIDTH)) / 4, 4 * _blocks(rng)[0]
    states = rng.normal(size=(400, 16)) @ latent + 0.1 * rng.normal(size=(400, WIDTH))
    at = states if own else states + np.tanh(states @ block)
    kept = [_kept(trained[:300], at[300:], k) for trained, k in ((states, 16), (at, 12 if own else 16))]
    sae = {**SAE, "layer": 0, "fvu": [1 - kept[0]], "n_heldout_positions": 100, "described": True}
    return {"sae": pl.DataFrame(sae), "svd_layer": pl.DataFrame({**SAE, "rule": ["heldout"], "pca_equal_l0": kept[1]})}


def _kept(trained: np.ndarray, read: np.ndarray, k: int) -> float:
    """Share of variance of ``read`` within the first ``k`` axes of ``trained``."""
    centre = trained.mean(0)
    axes = np.linalg.svd(trained - centre, full_matrices=False)[2][:k]
    return explained(read, centre + (read - centre) @ axes.T @ axes)


def own_signs(rng: np.random.Generator) -> Tables:
    """An accuracy that compares a sign with itself: the share of observed falls, whatever is predicted."""
    accuracy = float((rng.normal(-0.02, 0.2, 5_000) < 0).mean())
    row = {"check_name": ["perturbation"], "reference": "screen", "statistic": "sign_accuracy", "observed": accuracy}
    return {"validation": pl.DataFrame({**row, "null_mean": accuracy, "null_sd": 0.0, "p": 0.01, "n_null": 99})}


def shifted(rng: np.random.Generator, share: float) -> Tables:
    """A projector onto the 64 dimensions of its training cells, traced in cells of which ``share`` lies outside."""
    inside, outside = rng.normal(size=(400, 64)) / 8, rng.normal(size=(400, 192)) / np.sqrt(192)
    cells = np.hstack([np.sqrt(1 - share) * inside, np.sqrt(share) * outside])
    share_explained = explained(cells, cells * (np.arange(256) < 64))
    sae = {**SAE, "layer": [0], "fvu": 0.0, "n_heldout_positions": 400, "described": True}
    fit = {"source_sae": ["L00-a"], **SAE, "layer": 0, "positions": "gene", "explained": share_explained}
    traced = pl.DataFrame({**SAES, "effect": ["total"]})
    return {"layer_pair": traced, "sae": pl.DataFrame(sae), "traced_fit": pl.DataFrame(fit)}


def layers_tested(_: np.random.Generator, n_draws: int, n_small: int) -> Tables:
    """Seventeen target layers, of which ``n_small`` have the smallest p that so many draws can give."""
    smallest = 1 / (1 + n_draws)
    p = np.where(np.arange(17) < n_small, smallest, 0.6)
    q = np.where(np.arange(17) < n_small, min(1.0, 17 * smallest / max(n_small, 1)), 0.6)
    named = {"effect": "total", "criterion": "specific", "source_sae": "L00-a", "rule": "matched"}
    targets = [f"L{layer:02d}-b" for layer in range(1, 18)]
    return {"coherence": pl.DataFrame({**named, "target_sae": targets, "p": p, "q": q, "n_null": n_draws})}


CASES = (
    ("few_draws_of_many_layers", "draws_suffice", NO, partial(layers_tested, n_draws=99, n_small=2)),
    ("many_draws_of_many_layers", "draws_suffice", YES, partial(layers_tested, n_draws=999, n_small=2)),
    ("nothing_near_the_smallest", "draws_suffice", YES, partial(layers_tested, n_draws=99, n_small=0)),
    ("any_dose", "dose_matters", NO, partial(doses, deletes=True)),
    ("by_dose", "dose_matters", YES, partial(doses, deletes=False)),
    ("one_site_off", "dictionary_fits", NO, partial(site, own=False)),
    ("own_site", "dictionary_fits", YES, partial(site, own=True)),
    ("signs_of_themselves", "knock_downs", OPEN, own_signs),
    ("few_outside", "traced_cells_fit", YES, partial(shifted, share=0.1), FILTERED),
    ("third_outside", "traced_cells_fit", NO, partial(shifted, share=0.3), FILTERED),
    ("most_outside", "traced_cells_fit", NO, partial(shifted, share=0.6), FILTERED),
)
