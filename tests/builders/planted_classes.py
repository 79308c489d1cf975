"""Edges of features that mark classes of cells: at random, within one class, or to targets that answer anything."""

import numpy as np

from tasks.analyses.classes.within import NO_CLASS, Wired

N_SOURCES, N_TARGETS, N_CLASSES = 60, 160, 3
CORNERS = np.array([[1.0, 0.0], [-0.5, 0.8], [-0.5, -0.8]])  # where each class lies, if classes lie together


def plant_classes(seed: int, share: float = 0.0, ready: float = 0.0, scatter: float = 10.0, again: int = 0) -> Wired:
    """Edges from one layer to two others.

    Sources differ in what they like, so that edges of one source depend on one another. ``share`` of the edges of
    sources of class 0 go to targets of class 0; ``ready``: how much more readily targets of class 0 answer any source.
    Targets of a class lie together, the more so the smaller their ``scatter``. ``again``: the same features with edges
    that are drawn anew, if it is not 0, as in another study's cells.
    """
    rng = np.random.default_rng([seed, 31])
    layer = np.repeat([1, 2], N_TARGETS // 2)
    log = rng.normal(-4, 1, N_TARGETS)
    of_source = np.where(rng.random(N_SOURCES) < 0.7, rng.integers(0, N_CLASSES, N_SOURCES), NO_CLASS)
    place = rng.normal(size=(N_TARGETS, 2))  # targets near one another are liked by the same sources
    near = place @ CORNERS.T + rng.normal(0, scatter, (N_TARGETS, N_CLASSES))
    of_target = np.where(rng.random(N_TARGETS) < 0.6, near.argmax(axis=1), NO_CLASS)
    source, target = [], []
    rng = np.random.default_rng([seed, 31, again]) if again else rng
    for one in range(N_SOURCES):
        likes = np.exp(0.5 * log + (place @ rng.normal(size=2)) + ready * (of_target == 0))
        chance = likes / likes.sum()
        own = likes * (of_target == 0)
        if of_source[one] == 0:
            chance = (1 - share) * chance + share * own / own.sum()
        n = int(rng.integers(4, 40))
        source += [one] * n
        target += rng.choice(N_TARGETS, n, replace=False, p=chance).tolist()
    ends = np.array(source), np.array(target)
    covariates = np.column_stack([np.exp(log), rng.integers(0, 5, N_TARGETS)]).astype(np.float64)
    return Wired(layer[ends[1]] - 1, *ends, of_source, of_target, layer, covariates)
