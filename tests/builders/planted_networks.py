"""Configuration-model networks, and lists of genes in them: at random, of high degree, and with planted edges."""

import numpy as np

N_GENES = 1500


def make_network(seed: int, n_edges: int = 4500, tail: float = 2.5) -> np.ndarray:
    """Joined genes, symmetric uint8 [N_GENES, N_GENES]: stubs of long-tailed degrees, tied at random."""
    rng = np.random.default_rng([seed, 1])
    weight = np.minimum(rng.pareto(tail, N_GENES) + 0.3, 12)
    ends = rng.choice(N_GENES, (n_edges, 2), p=weight / weight.sum())
    ends = ends[ends[:, 0] != ends[:, 1]]
    joined = np.zeros((N_GENES, N_GENES), dtype=np.uint8)
    joined[ends[:, 0], ends[:, 1]] = joined[ends[:, 1], ends[:, 0]] = 1
    return joined


def random_lists(weight: np.ndarray, n: int, seed: int, length: int = 20) -> list[np.ndarray]:
    """``n`` lists of genes drawn without replacement by weight."""
    rng = np.random.default_rng([seed, 2])
    keys = rng.standard_exponential((n, weight.size)) / np.maximum(weight, 1e-9)
    return [np.argpartition(row, length)[:length] for row in keys]


def plant_lists(joined: np.ndarray, n: int, seed: int, n_edges: int = 6, length: int = 20) -> list[np.ndarray]:
    """``n`` random lists. Between the genes of each, ``n_edges`` edges that share no gene are added to ``joined``."""
    lists = random_lists(np.ones(len(joined)), n, 1000 + seed, length)
    for own in lists:
        ends = own[: 2 * n_edges].reshape(2, -1)
        joined[ends[0], ends[1]] = joined[ends[1], ends[0]] = 1
    return lists
