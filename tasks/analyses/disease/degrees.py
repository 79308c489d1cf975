"""Whether features that list a disease's genes have more edges than features like them.

1. Features of one autoencoder that were sources (out), or targets (in): ranks of their degrees, from 0 to 1, ties at
   the middle. Each direction and layer is tested by itself: a feature that lives on in later layers is no second
   feature.
2. The mean rank of the features with the disease, beside that of features of their bin of firing frequency and length
   of the gene list (``matched_sum``): features that fire often have more edges, and longer lists show more diseases.
3. Rewiring says nothing here: it leaves every degree as it is. Lists of genes do not depend on edges either.
4. ``p_unmatched``, as published: Mann-Whitney, more edges, nothing matched.
5. q is Benjamini-Hochberg over all diseases, layers and directions with enough features.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, rankdata

from tasks.analyses.disease.step import DiseaseSettings
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.matched_sum import MatchedSum
from tasks.statistics.matching import finest_bins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Row = dict[str, Any]
DIRECTIONS = ("out", "in")
TOO_FEW = "fewer features with the disease than disease.min_features"
ALL = "every feature of the layer and direction has the disease"


def degree_rows(
    settings: DiseaseSettings, degrees: pl.DataFrame, features: pl.DataFrame, found: pl.DataFrame
) -> list[Row]:
    """Rows of table ``disease_test`` behind effect and criterion.

    ``degrees``: direction, sae_id, feature, degree. ``features``: sae_id, feature, frequency, length. ``found``:
    library, disease, sae_id, feature of all significant pairs.
    """
    rows: list[Row] = []
    known = degrees.join(features, on=["sae_id", "feature"], how="left").with_columns(pl.col("length").fill_null(0))
    for number, ((direction, sae_id), part) in enumerate(
        known.sort("direction", "sae_id", "feature").group_by("direction", "sae_id", maintain_order=True)
    ):
        ranks = (rankdata(part["degree"].to_numpy()) - 0.5) / part.height
        covariates = part.select("frequency", "length").to_numpy().astype(np.float64)
        place = part.select("feature").with_row_index("place")
        own = found.filter(sae_id=sae_id).join(place, on="feature").sort("library", "disease", "place")
        for (library, disease), marks in own.group_by("library", "disease", maintain_order=True):
            marked = marks["place"].to_numpy().astype(np.int64)
            about = {"direction": direction, "sae_id": sae_id, "library": library, "disease": disease}
            seed = [settings.seed, 1, number]
            rows.append(about | _test(settings, ranks, covariates, marked, seed))
    tested = [row for row in rows if row["p_matched"] is not None]
    q = benjamini_hochberg(np.array([row["p_matched"] for row in tested], dtype=np.float64))
    for row, adjusted in zip(tested, q, strict=True):
        row["q_matched"] = float(adjusted)
    return rows


def _test(settings: DiseaseSettings, ranks: Floats, covariates: Floats, marked: Ints, seed: list[int]) -> Row:
    """One disease in one layer and direction."""
    row: Row = {"n_features": marked.size, "n_others": ranks.size - marked.size, "mean_rank": ranks[marked].mean()}
    few = marked.size < settings.min_features
    if few or marked.size == ranks.size:
        nothing = dict.fromkeys(("expected", "sd", "p_matched", "q_matched", "p_unmatched", "n_null"))
        return row | nothing | {"reason": TOO_FEW if few else ALL}
    bins, _ = finest_bins(marked, covariates, settings.bins)
    found = MatchedSum(ranks, marked, bins, settings.n_draws, seed)
    others = np.delete(ranks, marked)
    return row | {
        "expected": found.expect / marked.size,
        "sd": found.sd / marked.size,
        "p_matched": found.p,
        "q_matched": None,
        "p_unmatched": float(mannwhitneyu(ranks[marked], others, alternative="greater").pvalue),
        "n_null": settings.n_draws,
        "reason": None,
    }
