"""Linear probes of embeddings, fitted to many labellings of the same cells at once.

Embeddings are written in their principal components, at most K, times one factor that makes their total variance K:
penalties then mean the same whatever the model's scale, and as K grows to all components, nothing is lost.

    pseudotime     ridge: (X'X + 10) w = X'(t - mean t)
    probability    logistic with penalty |w|^2 / (2 C), C = 0.05, of late against early cells, by Newton's method

10 and 0.05 are the published penalties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
RIDGE, LOGISTIC = 10.0, 1 / 0.05
STEPS, TOLERANCE, AT_ONCE = 50, 1e-10, 64


@dataclass(frozen=True)
class Linear:
    """R probes of embeddings [e]: ``weights`` [R, e] and ``offsets`` [R]."""

    weights: Floats
    offsets: Floats

    def __call__(self, embeddings: Floats) -> Floats:
        """What each says of embeddings [n, e]: [n, R]."""
        return np.asarray(embeddings @ self.weights.T + self.offsets)


@dataclass(frozen=True)
class Components:
    """Embeddings as scores: ``scores`` [n, K] = (e - mean) ``axes`` [e, K]."""

    mean: Floats
    axes: Floats
    scores: Floats

    @classmethod
    def of(cls, embeddings: Floats, most: int) -> "Components":
        """At most ``most`` components of embeddings [n, e]. Raises ValueError if all are alike."""
        mean = embeddings.mean(0)
        u, size, axes = np.linalg.svd(embeddings - mean, full_matrices=False)
        k = min(most, int((size > 1e-10 * size[0]).sum()))
        if size[0] <= 1e-10 * max(np.abs(mean).max(), 1e-300):
            raise ValueError("all embeddings are alike")
        factor = np.sqrt(k * len(embeddings) / np.square(size[:k]).sum())
        return cls(mean, axes[:k].T * factor, u[:, :k] * size[:k] * factor)

    def probe(self, weights: Floats, constants: Floats) -> Linear:
        """Probes of embeddings from those of scores: ``weights`` [R, K], ``constants`` [R]."""
        back = weights @ self.axes.T
        return Linear(back, constants - back @ self.mean)


def ridge(x: Components, times: Floats) -> Linear:
    """Probes of pseudotimes [R, n]."""
    scores = x.scores
    means = times.mean(1)
    gram = scores.T @ scores + RIDGE * np.eye(scores.shape[1])
    return x.probe(np.linalg.solve(gram, scores.T @ (times - means[:, None]).T).T, means)


def logistic(x: Components, late: Mask, early: Mask) -> Linear:
    """Probes of the log odds of being late, for ``late`` and ``early`` [R, n]; other cells are left out."""
    parts = [
        _newton(x.scores, late[first : first + AT_ONCE], early[first : first + AT_ONCE])
        for first in range(0, len(late), AT_ONCE)
    ]
    found = np.concatenate(parts)
    return x.probe(found[:, :-1], found[:, -1])


def _newton(scores: Floats, late: Mask, early: Mask) -> Floats:
    """Coefficients [R, K + 1], the constant last and free of the penalty."""
    design = np.column_stack([scores, np.ones(len(scores))])
    penalty = np.append(np.full(scores.shape[1], LOGISTIC), 0.0)
    used = (late | early).astype(np.float64)
    found = np.zeros((len(late), design.shape[1]))
    for _ in range(STEPS):
        chance = expit(found @ design.T)
        slope = (used * (late - chance)) @ design - penalty * found
        weight = used * chance * (1 - chance)
        curve = np.stack([(design * own[:, None]).T @ design for own in weight]) + np.diag(penalty)
        step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        longest = np.abs(step).max(1, keepdims=True)
        found += step * np.minimum(1.0, 5.0 / np.maximum(longest, 1e-300))  # a step too long would overshoot
        if longest.max() < TOLERANCE:
            break
    return found
