"""Rows of step ``tracking`` in a synthetic study: features 1 to 3 are carried on through all layers, others are not."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from tests.builders.contract_frames import contract_frame
from tests.builders.study_features import Layer

CARRIED, OTHERS = (1, 2, 3), (0, 4, 5, 6)
TRACKED = sorted((*CARRIED, *OTHERS))


def tracking_tables(layers: Sequence[Layer]) -> dict[str, pl.DataFrame]:
    """All tables of the step, by name."""
    pairs = list(pairwise(layers))
    rates = [_rate("adjacent", rule, *pair) for pair in pairs for rule in ("mutual", "published")]
    rates += [_rate("long_range", "published", layers[0], later) for later in layers[1:]]
    n = len(layers)
    spans = [(1, len(OTHERS)), (n, len(CARRIED))] if n > 1 else [(1, len(TRACKED))]
    frames = {
        "persistence": rates,
        "feature_match": [_match(one, other, feature) for one, other in pairs for feature in TRACKED],
        "feature_life": _lives(layers),
        "lifecycle": [_category(rule, name, n) for rule in ("mutual", "published") for name, n in _categories()],
        "lifecycle_span": [
            {"span": span, "n_features": size, "rule": rule} for rule in ("mutual", "published") for span, size in spans
        ],
    }
    return {table: contract_frame(table, rows) for table, rows in frames.items()}


def _rate(kind: str, rule: str, one: Layer, other: Layer) -> dict[str, Any]:
    ends = {"from_sae": one.sae_id, "from_layer": one.layer, "to_sae": other.sae_id, "to_layer": other.layer}
    counts = {"n_matches": 3, "n_high_matches": 1, "n_alive_from": 7}
    shares = {"persistence_rate": 3 / 7, "high_persistence_rate": 1 / 7, "low": 0.2, "high": 0.8, "null_rate": 0.01}
    bounds = {"match_threshold": 0.7, "high_match_threshold": 0.9, "mean_cosine": 0.8}
    measure = "cosine" if rule == "mutual" else "absolute_cosine"
    return {"kind": kind, **ends, **counts, **shares, **bounds, "measure": measure, "rule": rule, "seed_rate": None}


def _match(one: Layer, other: Layer, feature: int) -> dict[str, Any]:
    found = feature in CARRIED
    partner = feature if found else 1
    figures = {"cosine": 0.8, "p": 1e-4, "q": 2e-4} if found else {"cosine": 0.3, "p": 0.5, "q": 0.5}
    ends = {"from_sae": one.sae_id, "from_feature": feature, "to_sae": other.sae_id, "to_feature": partner}
    return {**ends, **figures, "code_r": 0.6 if found else None, "mutual": found, "matched": found}


def _lives(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    rows = []
    for layer in layers:
        for feature in TRACKED:
            carried = feature in CARRIED
            life = feature if carried else 100 * (layer.layer + 1) + feature
            n_layers = len(layers) if carried else 1
            rows.append({"sae_id": layer.sae_id, "feature": feature, "life": life, "n_layers": n_layers})
    return rows


def _categories() -> list[tuple[str, int]]:
    return [("transient", len(OTHERS)), ("moderate", 0), ("persistent", len(CARRIED))]


def _category(rule: str, name: str, n_features: int) -> dict[str, Any]:
    rates = {"annotation_rate": 0.5, "mean_annotations": 1.0}
    return {"category": name, "n_features": n_features, **rates, "rule": rule}
