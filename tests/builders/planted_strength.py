"""Degrees that follow the strength of knock-downs, or only what both follow: expression and firing frequency.

Genes that are expressed more move cells farther, stand in more lists, and features that list them fire and reach more.
Features list neighbours among the genes, so that they share them.
"""

import numpy as np
import polars as pl

from tasks.analyses.strength.association import Library

N_GENES, N_FEATURES, LISTED = 60, 200, 12
SAE = "sae-1"


def plant_strength(seed: int, follows: float = 0.0) -> tuple[Library, pl.DataFrame, pl.DataFrame]:
    """Library, lists and degrees; ``follows``: how much the log of the mean degree follows the strength of features."""
    rng = np.random.default_rng([seed, 61])
    names = [f"G{n:02d}" for n in range(N_GENES)]
    expression = rng.normal(0, 1, N_GENES)
    own = rng.normal(0, 1, N_GENES)
    strength = 0.5 * expression + own
    places = _lists(rng, expression)
    weight = 1 / np.arange(1.0, LISTED + 1)
    mean = (weight * own[places]).sum(axis=1) / weight.sum()
    shown = (weight * expression[places]).sum(axis=1) / weight.sum()
    frequency = np.exp(-4 + shown + rng.normal(0, 0.5, N_FEATURES))
    degree = rng.poisson(np.exp(2 + 0.4 * np.log(frequency) + 1 + rng.normal(0, 0.5, N_FEATURES) + follows * mean))
    lists = pl.DataFrame(
        {
            "sae_id": [SAE] * places.size,
            "feature": np.repeat(np.arange(N_FEATURES), LISTED),
            "symbol": [names[gene] for gene in places.ravel()],
            "weight": np.tile(weight, N_FEATURES),
        }
    )
    about = pl.DataFrame({"feature": np.arange(N_FEATURES), "degree": degree, "frequency": frequency})
    counts = np.exp(expression)
    library = Library.of(dict(zip(names, strength, strict=True)), dict(zip(names, counts, strict=True)))
    return library, lists, about


def _lists(rng: np.random.Generator, expression: np.ndarray) -> np.ndarray:
    """Genes [F, LISTED] from a stretch of the genes each: frequent ones, and those of the stretch, come first."""
    found = []
    for start in rng.integers(0, N_GENES, N_FEATURES):
        stretch = (start + np.arange(2 * LISTED)) % N_GENES
        chance = np.exp(0.5 * expression[stretch])
        found.append(rng.choice(stretch, LISTED, replace=False, p=chance / chance.sum()))
    return np.array(found)
