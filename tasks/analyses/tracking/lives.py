"""How many layers a feature lasts.

Rule ``mutual``: matches of neighbouring layers join one to one, so every feature is part of one chain, its life. A
feature of the first layer is transient, moderate or persistent if its life takes up to 3 / 18 (one layer at least), up
to 10 / 18 or more of the layers: the published bounds of a model of 18 layers.

Rule ``published``: features of the first layer by the number of layers, the first included, that have a direction with
|cos| of at least 0.7, whether or not the layers in between have one; up to 3, up to 10, or more layers.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.tracking.dictionary import Dictionary

Ints = NDArray[np.int64]
CATEGORIES = ("transient", "moderate", "persistent")
BOUNDS, OF_LAYERS = (3, 10), 18


def chains(usable: Sequence[Dictionary], joined: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """Table ``feature_life``: the life of every feature of ``usable``, one dictionary a layer, in order.

    ``joined``: from_feature and to_feature of the matched pairs of each layer but the last with the next one. Lives are
    numbered from 1 in the order of their first layer and feature.
    """
    n_lives, rows = 0, []
    lives: dict[int, int] = {}
    for dictionary in usable:
        features = dictionary.features.tolist()
        new = [feature for feature in features if feature not in lives]
        begun = dict(zip(new, range(n_lives + 1, n_lives + 1 + len(new)), strict=True))
        mine = {feature: begun.get(feature) or lives[feature] for feature in features}
        n_lives += len(new)
        rows += [(dictionary.sae_id, feature, life) for feature, life in mine.items()]
        pairs = joined.get(dictionary.layer)
        lives = {} if pairs is None else {to: mine[own] for own, to in pairs.iter_rows()}
    schema = {"sae_id": pl.String, "feature": pl.UInt32, "life": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(n_layers=pl.len().over("life").cast(pl.UInt16))


def span_rows(span: Ints, rule: str) -> pl.DataFrame:
    """Table ``lifecycle_span``: features by ``span`` [n], the number of layers of each."""
    spans, n_features = np.unique(span, return_counts=True)
    return pl.DataFrame({"span": spans, "n_features": n_features, "rule": [rule] * len(spans)})


def lifecycle_rows(span: Ints, n_terms: Ints, rule: str, n_layers: int | None) -> pl.DataFrame:
    """Table ``lifecycle``: features by category of ``span`` [n]; ``n_terms`` [n] are significant annotations of each.

    ``n_layers``: of the study, by which the bounds are scaled; None takes them as published.
    """
    scale = 1.0 if n_layers is None else n_layers / OF_LAYERS
    place = np.searchsorted(np.maximum(np.array(BOUNDS) * scale, [1.0, 1.0]), span, side="left")
    sizes = np.bincount(place, minlength=3)
    known = np.maximum(sizes, 1)
    return pl.DataFrame(
        {
            "category": CATEGORIES,
            "n_features": sizes,
            "annotation_rate": np.bincount(place, weights=n_terms > 0, minlength=3) / known,
            "mean_annotations": np.bincount(place, weights=n_terms, minlength=3) / known,
            "rule": [rule] * 3,
        }
    )
