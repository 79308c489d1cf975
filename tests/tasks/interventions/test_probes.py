"""Probes of many labellings at once: one by one by other means, and components that lose nothing."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tasks.interventions.probes import LOGISTIC, RIDGE, Components, logistic, ridge

N, E = 60, 12


@pytest.fixture(scope="module")
def embeddings():
    rng = np.random.default_rng(0)
    return rng.normal(size=(N, E)) @ rng.normal(size=(E, E)) + 5


def test_components_lose_nothing_and_have_one_scale(embeddings):
    x = Components.of(embeddings, E)
    factor = np.sqrt(E * N / np.square(embeddings - embeddings.mean(0)).sum())
    np.testing.assert_allclose((embeddings - x.mean) @ x.axes, x.scores, atol=1e-9)
    distances = np.linalg.norm(x.scores - x.scores[0], axis=1)
    np.testing.assert_allclose(distances, factor * np.linalg.norm(embeddings - embeddings[0], axis=1), atol=1e-9)
    assert Components.of(1000 * embeddings, E).scores == pytest.approx(x.scores, abs=1e-8)


def test_ridge_of_many_is_ridge_of_each(embeddings):
    rng = np.random.default_rng(1)
    times = rng.uniform(size=(7, N))
    x = Components.of(embeddings, 8)
    found = ridge(x, times)(embeddings)
    for r, time in enumerate(times):
        design = np.vstack([x.scores, np.sqrt(RIDGE) * np.eye(8)])
        slow = np.linalg.lstsq(design, np.concatenate([time - time.mean(), np.zeros(8)]), rcond=None)[0]
        np.testing.assert_allclose(found[:, r], x.scores @ slow + time.mean(), atol=1e-9)


def test_logistic_of_many_is_the_minimum_for_each(embeddings):
    rng = np.random.default_rng(2)
    time = rng.uniform(size=(5, N))
    early, late = time < 0.35, time > 0.6
    x = Components.of(embeddings, 6)
    found = logistic(x, late, early)(embeddings)
    for r in range(5):
        used, y = early[r] | late[r], late[r]

        def loss(b, used=used, y=y):
            odds = x.scores[used] @ b[:-1] + b[-1]
            return np.logaddexp(0, np.where(y[used], -odds, odds)).sum() + LOGISTIC * (b[:-1] @ b[:-1]) / 2

        slow = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-8}).x
        np.testing.assert_allclose(found[:, r], x.scores @ slow[:-1] + slow[-1], atol=1e-4)


def test_embeddings_that_are_all_alike_are_refused():
    with pytest.raises(ValueError, match="all embeddings are alike"):
        Components.of(np.ones((10, 3)), 5)
