"""How much of a direction lies in the span of the first r principal axes, against directions drawn at random.

1. Cosines c_fj = <w_f, v_j> of unit directions w_f with all axes; the share is s_f(r) = sum over j <= r of c_fj^2.
2. Of a direction drawn evenly from the sphere in d dimensions, whatever the axes, s(r) ~ Beta(r / 2, (d - r) / 2), with
   mean r / d. p = P(s >= s_f).
3. That null asks only whether a direction knows anything of the axes. A harder comparison is a random dictionary of
   directions drawn from N(0, C), which follow the activations' covariance and nothing else.
4. Published rule: a feature is aligned if |c_fj| > 0.5 for any of the first 50 axes, and "novel" otherwise. A direction
   within their span but oblique to each is novel under it.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import beta

from tasks.statistics import benjamini_hochberg

Floats = NDArray[np.float64]
DECIMALS = 9  # the last digits of a product depend on the number of threads
PUBLISHED_AXES = 50
PUBLISHED_COSINE = 0.5
BINS = 40


def cosines(directions: NDArray[np.float32], axes: Floats) -> Floats:
    """Step 1: |cosines| of rows [n, d], of any norm, with the columns of ``axes`` [d, d]."""
    exact = directions.astype(np.float64)
    unit = exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    found: Floats = np.abs(unit @ axes).round(DECIMALS)
    return found


def shares(cosine: Floats, rank: int) -> Floats:
    """s(r): [n, d] -> [n]."""
    found: Floats = np.minimum(np.square(cosine[:, :rank]).sum(axis=1), 1.0).round(DECIMALS)
    return found


def share_p(share: Floats, rank: int, width: int) -> Floats:
    """P of at least this share under step 2."""
    p: Floats = beta.sf(share, rank / 2, (width - rank) / 2)
    return p


def random_dictionary(n: int, variance: Floats, seed: int) -> Floats:
    """Step 3: |cosines| with the axes of ``n`` directions whose covariance has ``variance`` [d] along them: [n, d]."""
    drawn = np.random.default_rng(seed).standard_normal((n, variance.size)) * np.sqrt(variance)
    norm = np.linalg.norm(drawn, axis=1, keepdims=True)
    found: Floats = np.abs(np.divide(drawn, norm, out=np.zeros_like(drawn), where=norm > 0)).round(DECIMALS)
    return found


def feature_rows(
    features: NDArray[np.int64], cosine: Floats, ranks: dict[str, int], tested: str, alpha: float
) -> pl.DataFrame:
    """Table ``feature_subspace`` behind sae_id; ``ranks``: axes of each share by its name, ``tested`` is one of them.

    Shares of as many axes as the layer is wide, or more, are 1 whatever the direction: NULL, and so are p and q.
    """
    width = cosine.shape[1]
    first = cosine[:, :PUBLISHED_AXES]
    columns: dict[str, object] = {
        "feature": features.astype(np.uint32),
        "max_cosine": first.max(axis=1, initial=0.0),
        "axis": first.argmax(axis=1) + 1 if features.size else np.empty(0, dtype=np.int64),
        "aligned": first.max(axis=1, initial=0.0) > PUBLISHED_COSINE,
    }
    nothing = np.full(features.size, np.nan)
    for name, rank in ranks.items():
        columns[f"share_{name}"] = shares(cosine, rank) if rank < width else nothing
    rank = ranks[tested]
    p = share_p(shares(cosine, rank), rank, width) if rank < width else nothing
    q = benjamini_hochberg(p) if rank < width else nothing
    frame = pl.DataFrame({**columns, "p": p, "q": q}).with_columns(pl.selectors.float().fill_nan(None))
    return frame.with_columns(significant=pl.col("q") <= alpha)


def axis_rows(cosine: Floats, features: NDArray[np.int64], variance: Floats, heldout: Floats) -> pl.DataFrame:
    """Table ``svd_axis`` behind sae_id: shares of variance [d] of each axis, and the feature nearest to it."""
    alive = features.size > 0
    return pl.DataFrame(
        {
            "axis": np.arange(1, variance.size + 1),
            "variance_train": (variance / variance.sum()).round(DECIMALS),
            "variance_heldout": heldout.round(DECIMALS),
            "best_feature": features[cosine.argmax(axis=0)].astype(np.uint32) if alive else None,
            "best_cosine": cosine.max(axis=0) if alive else None,
        },
        schema_overrides={"best_feature": pl.UInt32, "best_cosine": pl.Float64},
    )


def histogram_rows(cosine: Floats, matched: Floats, ranks: dict[str, int]) -> pl.DataFrame:
    """Table ``subspace_histogram`` behind sae_id: features, step 2's expectation and step 3's dictionary by share.

    ``matched`` [n, d] has as many directions as ``cosine``. A bin holds its upper edge, the first also its lower one.
    """
    n, width = cosine.shape
    edges = np.arange(BINS + 1) / BINS
    frames = []
    for rank in sorted({rank for rank in ranks.values() if rank < width}):
        expected = n * np.diff(beta.cdf(edges, rank / 2, (width - rank) / 2))
        counts = [_binned(shares(one, rank)) for one in (cosine, matched)]
        frames.append(
            pl.DataFrame(
                {
                    "rank": np.full(BINS, rank),
                    "bin": np.arange(BINS),
                    "lower": edges[:-1],
                    "upper": edges[1:],
                    "n_features": counts[0],
                    "n_expected": expected,
                    "n_matched": counts[1],
                }
            )
        )
    return pl.concat(frames) if frames else pl.DataFrame()


def _binned(share: Floats) -> NDArray[np.int64]:
    return np.bincount(np.clip(np.ceil(share * BINS).astype(np.int64) - 1, 0, BINS - 1), minlength=BINS)
