"""Whether degree goes with the strength of knock-downs, beside strengths exchanged between genes.

1. The strength of a feature is the mean strength of those of its first genes that were switched off, weighed by
   1 / rank; its expression is the mean of log1p of their mean counts by these weights.
2. rho is Spearman's correlation of degree and strength given firing frequency and expression (``partial_rank``): of
   features of one autoencoder that were sources, or targets, edges or none.
3. Null: the genes' strengths are exchanged among genes of like expression, and all features are weighed anew. Genes are
   the units: features that share them are no independent ones. p is two-sided about the mean of the exchanges.
4. ``least_rho``: a rho this far from the mean of the exchanges would be called in 80 % of samples, (1.96 + 0.84) sd.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tasks.analyses.strength.step import StrengthSettings
from tasks.statistics.matching import quantile_bins
from tasks.statistics.null_draws import NullDraws
from tasks.statistics.partial_rank import partial_spearman, partial_spearmans
from tasks.statistics.within import exchanged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]
FEATURE = ["sae_id", "feature"]
POWER = 1.96 + 0.84
PER_BIN = 5  # genes
DIGITS = 9  # of the largest strength: features with the same genes tie
FEWEST_FEATURES = 10
NOTHING = dict.fromkeys(("rho", "expected", "sd", "p", "q", "least_rho", "rho_alone", "p_alone", "n_null"))
LEFT = "firing frequency and expression leave nothing of the degrees or of the strengths"


@dataclass(frozen=True)
class Library:
    """Genes of a line that were switched off: ``symbols`` [G] in upper case, their ``strength`` and ``expression``."""

    symbols: list[str]
    strength: Floats
    expression: Floats

    @classmethod
    def of(cls, strength: Mapping[str, float], expression: Mapping[str, float]) -> "Library":
        """By symbol in upper case; a gene that the study's cells do not have counts as one that they never show."""
        names = sorted(strength)
        counts = np.array([expression.get(name, 0.0) for name in names], dtype=np.float64)
        return cls(names, np.array([strength[name] for name in names], dtype=np.float64), np.log1p(counts))

    def exchanged(self, most_bins: int, n_draws: int, seed: list[int]) -> Floats:
        """Step 3: strengths [B, G]."""
        bins = quantile_bins(self.expression, max(1, min(most_bins, len(self.symbols) // PER_BIN)))
        return exchanged(self.strength, bins, n_draws, np.random.default_rng(seed))


def feature_weights(lists: pl.DataFrame, library: Library, min_genes: int) -> tuple[pl.DataFrame, csr_array]:
    """Step 1: sae_id, feature and n_genes of features with enough genes, and weights [F, G] that sum to one.

    ``lists``: sae_id, feature, symbol, weight.
    """
    place = pl.DataFrame({"symbol": library.symbols, "gene": np.arange(len(library.symbols))},
                         schema={"symbol": pl.String, "gene": pl.Int64})  # fmt: skip
    own = lists.with_columns(pl.col("symbol").str.to_uppercase()).join(place, on="symbol")
    own = own.group_by(*FEATURE, "gene").agg(pl.col("weight").max())
    features = own.group_by(FEATURE).agg(n_genes=pl.len()).filter(pl.col("n_genes") >= min_genes).sort(FEATURE)
    entries = own.join(features.with_row_index("row"), on=FEATURE).sort("row", "gene")
    at = (entries["row"].to_numpy(), entries["gene"].to_numpy())
    weights = csr_array((entries["weight"].to_numpy(), at), shape=(features.height, len(library.symbols)))
    total = np.repeat(np.asarray(weights.sum(axis=1)).ravel(), np.diff(weights.indptr))
    return features, csr_array((weights.data / total, weights.indices, weights.indptr), shape=weights.shape)


def association(settings: StrengthSettings, weights: csr_array, about: pl.DataFrame, library: Library) -> Row:
    """Steps 2 to 4, of the features of ``weights`` [F, G]: ``about`` [F] has degree and frequency."""
    row: Row = {"n_features": weights.shape[0], "n_genes": int(np.unique(weights.indices).size)}
    degree = about["degree"].to_numpy().astype(np.float64)
    reason = _untested(settings, degree, library)
    if reason:
        return row | NOTHING | {"reason": reason}
    given = np.column_stack([about["frequency"].to_numpy().astype(np.float64), weights @ library.expression])
    strengths = library.exchanged(settings.bins, settings.n_draws, [settings.seed, 2])
    every = (weights @ np.vstack([library.strength, strengths]).T).T
    every = np.round(every / np.abs(library.strength).max(), DIGITS)
    rho = partial_spearmans(degree, every, given)
    if not np.isfinite(rho).all():
        return row | NOTHING | {"reason": LEFT}
    alone = partial_spearman(degree, every[0])
    off = NullDraws.about_mean(rho)
    sd = float(off.sd[0])
    return row | {
        "rho": float(rho[0]), "expected": float(rho.mean()), "sd": sd, "p": float(off.p("two-sided")[0]), "q": None,
        "least_rho": min(POWER * sd, 1.0), "rho_alone": alone.rho, "p_alone": alone.p, "n_null": settings.n_draws,
        "reason": None,
    }  # fmt: skip


def _untested(settings: StrengthSettings, degree: Floats, library: Library) -> str | None:
    if len(degree) < FEWEST_FEATURES:
        return (
            f"{len(degree)} features list {settings.min_genes} or more of the {len(library.symbols)} genes whose "
            f"knock-down was measured, fewer than {FEWEST_FEATURES}"
        )
    if np.ptp(degree) == 0 or np.ptp(library.strength) == 0:
        return "all features have equally many edges, or all knock-downs move cells equally far"
    return None
