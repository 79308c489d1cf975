"""Targets and their matches are what loops over genes give; training cells' genes are chosen on sums alone."""

import numpy as np
import pytest
import torch

from tasks.analyses.patching.measure import Changed, Round, ranks
from tasks.analyses.patching.targets import Targets, TrainEffects, cell_rows, pair_up
from tasks.models.batches import Batch

N = 40


@pytest.fixture(scope="module")
def rounds():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(3):
        tokens = rng.choice(200, N, replace=False)
        copies = [Changed(name, 7, torch.from_numpy(rng.normal(size=N)), 0.5) for name in ("real", "random_direction")]
        copies.append(Changed("zero", -1, torch.zeros(N, dtype=torch.float64), 0.0))
        acts = torch.from_numpy(rng.random(N) < 0.3)
        rank = torch.from_numpy(rng.random(N))
        found.append(Round(torch.from_numpy(tokens), rank, copies, {7: float(rng.random())}, {7: acts}))
    return found


def slow_differences(one, copy, genes, apart, log_frequency, m):
    """Gene by gene: D, and the mean D of the m nearest."""
    tokens, rank = one.tokens.tolist(), one.rank.numpy()
    frequency = np.array([log_frequency[token] for token in tokens])
    places = [rank / rank.std(), frequency / frequency.std()]
    rows = []
    for t, token in enumerate(tokens):
        if token not in genes:
            continue
        others = [i for i, other in enumerate(tokens) if other not in genes and other not in apart]
        distance = {i: sum((axis[i] - axis[t]) ** 2 for axis in places) for i in others}
        nearest = sorted(others, key=lambda i: (distance[i], i))[:m]
        rows.append((float(copy.d[t]), float(np.mean([copy.d[i] for i in nearest])), t, nearest))
    return rows


def test_cells_are_what_a_loop_over_genes_gives(rounds):
    log_frequency = np.random.default_rng(1).random(200)
    genes, apart, other = frozenset(range(40)), frozenset(range(60, 80)), frozenset(range(80, 100))
    targets = Targets(7, "train", genes, apart, {"random_direction": other})
    rows = {row["treatment"]: row for row in cell_rows(rounds, [targets], log_frequency, 3)}
    assert set(rows) == {"real", "random_direction", "zero"}
    for place, (name, own) in enumerate((("real", genes), ("random_direction", other), ("zero", genes))):
        slow = [
            (*row, one)
            for one in rounds
            for row in slow_differences(one, one.copies[place], own, apart, log_frequency, 3)
        ]
        found = rows[name]
        assert found["n_targets"] == len(slow)
        assert found["target_effect"] == pytest.approx(np.mean([row[0] for row in slow]))
        assert found["difference"] == pytest.approx(np.mean([row[0] - row[1] for row in slow]))
        silent = [row for row in slow if not row[4].acts[7][row[2]] and not row[4].acts[7][row[3]].any()]
        assert found["elsewhere"] == pytest.approx(np.mean([row[0] - row[1] for row in silent]))
        assert found["dose"] == pytest.approx(np.mean([one.dose[7] for one in rounds]))


def test_no_gene_of_the_features_own_stands_on_either_side():
    tokens, covariates = np.arange(20), np.random.default_rng(0).random((20, 2))
    pairs = pair_up(tokens, covariates, frozenset({1, 2}), frozenset(range(10, 20)), 5)
    assert pairs.target.tolist() == [1, 2]
    assert not set(pairs.others.ravel().tolist()) & {1, 2, *range(10, 20)}
    assert pair_up(tokens, covariates, frozenset(), frozenset(), 5).target.size == 0
    assert pair_up(tokens, covariates, frozenset({1}), frozenset(range(20)), 5).target.size == 0


def test_genes_that_suffer_are_those_of_lowest_centred_mean():
    rng, effects, kept = np.random.default_rng(2), TrainEffects(60), {}
    for _ in range(30):
        tokens = rng.choice(60, 20, replace=False)
        d = rng.normal(size=20) - 2.0 * (tokens < 5)
        effects.add(("real", 3), tokens, d)
        for token, value in zip(tokens.tolist(), d - d.mean(), strict=True):
            kept.setdefault(token, []).append(value)
    mean = {token: np.mean(values) for token, values in kept.items() if len(values) >= 2}
    wanted = [token for token in sorted(mean, key=mean.get) if mean[token] < 0][:8]
    assert effects.lowest(("real", 3), 8) == wanted
    assert set(wanted[:5]) == set(range(5))
    assert effects.lowest(("real", 4), 8) == []


def test_ranks_follow_tokens_or_values():
    tokens = torch.tensor([2, 10, 11, 12, 3])
    genes = torch.tensor([1, 2, 3])
    assert ranks(Batch.of(tokens), genes).tolist() == [0, 0, 0.5, 1, 0]
    assert ranks(Batch.of(tokens, torch.tensor([0, 1.0, 3.0, 2.0, 0])), genes).tolist() == [0, 1, 0, 0.5, 0]
