"""Gene sets of domains, a network among their genes, and what links them: planted, or nothing."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.networks.graphs import ANY, Graph
from tasks.analyses.relations.sets import GeneSets
from tests.builders.planted_domains import domain_name

N_GENES, SET_SIZE = 400, 12
Pairs = Sequence[tuple[int, int]]


def plant_sets(
    seed: int, n_domains: int, linked: Pairs = (), joined: Pairs = (), directed: bool = True
) -> tuple[GeneSets, list[Graph]]:
    """Random sets of ``n_domains``, and a network of hubs and others.

    Domains of ``linked`` share half of their genes; between those of ``joined`` the network has forty edges more.
    """
    rng = np.random.default_rng([seed, 5])
    genes = [rng.choice(N_GENES, SET_SIZE + int(rng.integers(20)), replace=False) for _ in range(n_domains)]
    for first, second in linked:
        half = genes[first].size // 2
        rest = np.setdiff1d(genes[second], genes[first])
        genes[second] = np.concatenate([genes[first][:half], rest[: genes[second].size - half]])
    rows = np.repeat(np.arange(n_domains), [one.size for one in genes])
    members = csr_matrix((np.ones(rows.size, dtype=np.int32), (rows, np.concatenate(genes))), (n_domains, N_GENES))
    members.sort_indices()
    names = {domain_name(number): number for number in range(n_domains)}
    symbols = [f"G{gene}" for gene in range(N_GENES)]
    return GeneSets(names, members, symbols), [plant_network(rng, genes, joined, directed)]


def plant_network(rng: np.random.Generator, genes: list[np.ndarray], joined: Pairs, directed: bool) -> Graph:
    """Edges by the product of two weights, of which a few are large."""
    out, into = (rng.lognormal(0, 1.2, N_GENES) for _ in range(2))
    into = into if directed else out
    chance = np.minimum(0.9, 0.02 * np.outer(out, into) / (out.mean() * into.mean()))
    edges = rng.random((N_GENES, N_GENES)) < chance
    for first, second in joined:
        ends = np.setdiff1d(genes[first], genes[second]), np.setdiff1d(genes[second], genes[first])
        picked = rng.choice(ends[0].size * ends[1].size, 40, replace=False)
        edges[ends[0][picked // ends[1].size], ends[1][picked % ends[1].size]] = True
    edges = edges if directed else np.triu(edges | edges.T)
    np.fill_diagonal(edges, False)
    source, target = np.nonzero(edges)
    return Graph("net", ANY, directed, source, target, N_GENES)
