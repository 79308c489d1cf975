"""Features that list the genes of a disease, with degrees and edges that follow frequency, the disease, or both."""

import numpy as np
import polars as pl

from tasks.analyses.disease.circuits import Network

N, N_MARKED = 240, 15
SAE = "sae-1"
N_SOURCES, N_TARGETS, N_OUT = 24, 120, 12
N_LABELS = 40


def plant_degrees(seed: int, lift: float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Frames degrees, features and found, as ``degree_rows`` takes them.

    Features that fire often have more edges, and list the disease's genes more often. ``lift``: how many times as many
    edges features with the disease have beyond that, in units of the log.
    """
    rng = np.random.default_rng([seed, 21])
    log = rng.normal(-4, 1, N)
    length = rng.integers(20, 101, N)
    weight = np.exp(0.8 * log) * length
    marked = np.sort(rng.choice(N, N_MARKED, replace=False, p=weight / weight.sum()))
    mean = 3 + 0.8 * (log + 4) + rng.normal(0, 0.5, N)
    mean[marked] += lift
    features = {"sae_id": [SAE] * N, "feature": np.arange(N), "frequency": np.exp(log), "length": length}
    degrees = {"direction": ["out"] * N, "sae_id": [SAE] * N, "feature": np.arange(N)}
    found = {"library": ["file"] * N_MARKED, "disease": ["illness"] * N_MARKED, "sae_id": [SAE] * N_MARKED}
    return (
        pl.DataFrame({**degrees, "degree": rng.poisson(np.exp(mean))}),
        pl.DataFrame(features),
        pl.DataFrame({**found, "feature": marked}),
    )


def plant_network(
    seed: int, share: float = 0.0, ready: float = 0.0
) -> tuple[Network, list[tuple[np.ndarray, np.ndarray]]]:
    """Edges from one layer to two others, and the sources and targets of one disease.

    ``share`` of the edges of its sources go to its targets; ``ready``: how much more readily its targets answer any
    source, in units of the log weight.
    """
    rng = np.random.default_rng([seed, 22])
    layer = np.repeat([1, 2], N_TARGETS // 2)
    log = rng.normal(-4, 1, N_TARGETS)
    weight = np.exp(0.5 * log)
    targets = np.sort(rng.choice(N_TARGETS, N_MARKED, replace=False, p=weight / weight.sum()))
    sources = np.sort(rng.choice(N_SOURCES, 8, replace=False))
    answer = np.exp(0.5 * log + rng.normal(0, 0.4, N_TARGETS) + ready * np.isin(np.arange(N_TARGETS), targets))
    edges = []
    for source in range(N_SOURCES):
        chance = answer / answer.sum()
        if share and source in sources:
            liked = answer * np.isin(np.arange(N_TARGETS), targets)
            chance = (1 - share) * chance + share * liked / liked.sum()
        edges += [(source, target) for target in rng.choice(N_TARGETS, N_OUT, replace=False, p=chance)]
    covariates = np.column_stack([np.exp(log), rng.integers(20, 101, N_TARGETS)]).astype(np.float64)
    network = Network(np.array(sorted(edges)), np.zeros(N_SOURCES, dtype=np.int64), layer, covariates)
    return network, [(sources, targets)]


def plant_shared(seed: int, lift: float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Frames named, ends and own, as ``shared_row`` takes them: pairs of 40 labels, and what diseases labels have.

    Labels that many features bear are joined and shared more often, have more diseases, and are shared more or less
    readily each by itself. ``lift``: how much likelier a pair with a disease at both ends is shared (log odds).
    """
    rng = np.random.default_rng([seed, 23])
    names, size = [f"GO::{n:02d}" for n in range(N_LABELS)], rng.geometric(0.08, N_LABELS)
    log = np.log(size) - np.log(size).mean()
    has = rng.random((N_LABELS, 4)) < (1 / (1 + np.exp(1.5 - 0.8 * log)))[:, None]
    ready = 0.8 * log + rng.normal(0, 0.5, N_LABELS)
    source, target = np.nonzero(rng.random((N_LABELS, N_LABELS)) < 1 / (1 + np.exp(0.5 - log[:, None] - log)))
    common = (has.astype(int) @ has.T.astype(int) > 0)[source, target]
    shared = rng.random(source.size) < 1 / (1 + np.exp(1.5 - ready[source] - ready[target] - lift * common))
    domain, disease = np.nonzero(has)
    ends = {"source_domain": [names[one] for one in source], "target_domain": [names[one] for one in target]}
    return (
        pl.DataFrame({"domain": names, "n": size}),
        pl.DataFrame({**ends, "shared": shared}),
        pl.DataFrame({"domain": [names[one] for one in domain], "disease": [f"illness {one}" for one in disease]}),
    )
