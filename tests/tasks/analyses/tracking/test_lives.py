"""Lives: chains over three layers by hand, and planted ones."""

import numpy as np
import polars as pl

from tasks.analyses.tracking.lives import chains, lifecycle_rows, span_rows
from tasks.analyses.tracking.rates import mutual_rule
from tests.builders.dictionaries import N, dictionary, rotated, uneven


def joined(*pairs):
    return pl.DataFrame(pairs, schema={"from_feature": pl.UInt32, "to_feature": pl.UInt32}, orient="row")


def test_chains_over_three_layers_by_hand():
    numbers = [np.array([0, 4, 5]), np.array([1, 2, 5]), np.array([0, 3])]
    layers = [dictionary(uneven(len(own), np.random.default_rng(0)), layer, own) for layer, own in enumerate(numbers)]
    lives = chains(layers, {0: joined((4, 2), (5, 1)), 1: joined((2, 3))})
    assert lives.rows() == [
        ("L00", 0, 1, 1), ("L00", 4, 2, 3), ("L00", 5, 3, 2),
        ("L01", 1, 3, 2), ("L01", 2, 2, 3), ("L01", 5, 4, 1),
        ("L02", 0, 5, 1), ("L02", 3, 2, 3),
    ]  # fmt: skip


def test_planted_chains_over_three_layers_are_found():
    """100 directions last three layers, 60 two, turned by 25 degrees each time; the others are new in every layer."""
    rng = np.random.default_rng(1)
    units = [uneven(N, rng) for _ in range(3)]
    places = [rng.permutation(N) for _ in range(3)]
    for layer, n in ((1, 160), (2, 100)):
        units[layer][places[layer][:n]] = rotated(units[layer - 1][places[layer - 1][:n]], rng)
    layers = [dictionary(unit, layer) for layer, unit in enumerate(units)]
    rule, pairs = mutual_rule(0.01), {}
    for layer in (0, 1):
        found = rule.match(layers[layer], layers[layer + 1])
        kept = np.flatnonzero(found.matched)
        pairs[layer] = joined(*zip(kept.tolist(), found.best.partner[kept].tolist(), strict=True))
    lives = chains(layers, pairs)
    own = lives.filter(pl.col("sae_id") == "L00")["n_layers"].to_numpy()
    assert (own[places[0][:100]] == 3).mean() >= 0.95
    assert (own[places[0][100:160]] == 2).mean() >= 0.95
    assert (own[places[0][160:]] == 1).mean() >= 0.95


def test_spans_and_categories_count_the_same_features():
    span, n_terms = np.array([1, 1, 3, 4, 10, 11, 18]), np.array([0, 2, 1, 0, 0, 4, 0])
    assert span_rows(span, "mutual").rows() == [
        (1, 2, "mutual"), (3, 1, "mutual"), (4, 1, "mutual"), (10, 1, "mutual"), (11, 1, "mutual"), (18, 1, "mutual"),
    ]  # fmt: skip
    published = lifecycle_rows(span, n_terms, "published", None)
    assert published.rows() == lifecycle_rows(span, n_terms, "published", 18).rows()
    assert published.select("category", "n_features", "annotation_rate", "mean_annotations").rows() == [
        ("transient", 3, 2 / 3, 1.0), ("moderate", 2, 0.0, 0.0), ("persistent", 2, 0.5, 2.0),
    ]  # fmt: skip
    six = lifecycle_rows(np.array([1, 2, 3, 4, 6]), np.zeros(5, dtype=np.int64), "mutual", 6)
    assert six["n_features"].to_list() == [1, 2, 2]
