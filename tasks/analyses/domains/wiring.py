"""Edges between labelled features, and how many join two domains once targets are exchanged among features like them.

Edges from source layer s to target layer t make group g = (s, t), of E_g edges. Features with a domain alone count.

1. Observed: T [D, D], the edges from a source of domain A to a target of domain B.
2. An exchange permutes the domains of targets within bins (of their layer, firing frequency and number of terms).
   Sources, their number of edges, and which edges share a target all stay: edges of one source, or into one target,
   depend on one another, and the draws know it. Domains of sources stay as they are.
3. Targets of a bin still differ in how many edges reach them. What the ends' numbers of edges give by themselves,
   sum over g of out_gA in_gB / E_g, is taken off: R = T - margins is what a pair is tested by.
4. A draw costs one addition an edge, D^2 additions and a product [D, G] @ [G, D].
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Wiring:
    """m kinds of edges: ``group``, domain of the ``source``, ``target`` (row of the pool) and how many, ``n``; all [m].

    The pool holds P targets: their ``domain`` [P] and the ``bin`` [P] within which domains are exchanged.
    """

    group: Ints
    source: Ints
    target: Ints
    n: Floats
    domain: Ints
    bin: Ints
    n_domains: int

    @property
    def n_groups(self) -> int:
        """Number of pairs of layers."""
        return int(self.group.max(initial=-1)) + 1

    def counts(self, domain: Ints) -> Floats:
        """T [D, D] if the pool's domains were ``domain`` [P]."""
        pair = self.source * self.n_domains + domain[self.target]
        found: Floats = np.bincount(pair, self.n, self.n_domains**2).astype(
            np.float64
        )  # of no edges, numpy makes it int
        return found.reshape(self.n_domains, self.n_domains)

    def margins(self, domain: Ints) -> Floats:
        """What the ends' numbers of edges give of T [D, D]."""
        size = self.n_groups * self.n_domains
        shape = (self.n_groups, self.n_domains)
        out = np.bincount(self.group * self.n_domains + self.source, self.n, size).reshape(shape)
        into = np.bincount(self.group * self.n_domains + domain[self.target], self.n, size).reshape(shape)
        total = np.maximum(out.sum(axis=1, keepdims=True), 1)
        found: Floats = out.T @ (into / total)
        return found

    def exchanges(self, n_draws: int, seed: list[int]) -> Iterator[Ints]:
        """Domains of the pool [P] after each exchange; equal seeds give equal draws."""
        rng = np.random.default_rng(seed)
        by_bin = np.argsort(self.bin, kind="stable")
        bins = self.bin[by_bin]
        for _ in range(n_draws):
            drawn = np.empty_like(self.domain)
            drawn[by_bin] = self.domain[by_bin][np.lexsort((rng.random(bins.size), bins))]
            yield drawn

    def attainable(self) -> Floats:
        """No exchange gives a pair of domains more edges than this [D, D]."""
        _, row = np.unique(self.bin, return_inverse=True)
        n_bins = int(row.max(initial=-1)) + 1
        onto = np.zeros((self.n_domains, self.domain.size))
        np.add.at(onto, (self.source, self.target), self.n)
        most = np.zeros((self.n_domains, n_bins))
        for one in range(n_bins):
            most[:, one] = onto[:, row == one].max(axis=1)
        held = np.zeros((n_bins, self.n_domains))
        np.add.at(held, (row, self.domain), 1)
        found: Floats = most @ held
        return found
