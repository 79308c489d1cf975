"""Gene networks over the genes that features list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.references.edge_lists import UNKNOWN

ANY = "any"


@dataclass(frozen=True)
class Graph:
    """Edges of one network, or of one mode of regulation in it, among G genes.

    ``source`` and ``target`` [E] number the genes, each edge once and none from a gene to itself.
    """

    network: str
    mode: str
    directed: bool
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    n_genes: int

    def joined(self, alphabetical: NDArray[np.int64] | None = None) -> NDArray[np.uint8]:
        """Which genes are joined, in either direction: symmetric, [G, G].

        ``alphabetical`` [G] is the place of every gene's name; then only edges that lead on in the alphabet count.
        """
        joined = np.zeros((self.n_genes, self.n_genes), dtype=np.uint8)
        source, target = self.source, self.target
        if alphabetical is not None and self.directed:
            on = alphabetical[source] < alphabetical[target]
            source, target = source[on], target[on]
        joined[source, target] = 1
        joined[target, source] = 1
        return joined

    @property
    def degrees(self) -> NDArray[np.float64]:
        """Edges from and to every gene, [G, 2], or if they have no direction all of its edges, [G, 1]."""
        ends = [np.bincount(end, minlength=self.n_genes) for end in (self.source, self.target)]
        columns = ends if self.directed else [ends[0] + ends[1]]
        return np.column_stack(columns).astype(np.float64)


def graphs(networks: Mapping[str, tuple[pl.DataFrame, bool]], symbols: list[str], min_score: float) -> Iterator[Graph]:
    """Every network among the genes ``symbols``, upper case, then its modes if it tells any.

    ``networks``: columns source, target, mode and score, and whether edges have a direction.
    """
    place = {symbol: number for number, symbol in enumerate(symbols)}
    for name, (frame, directed) in networks.items():
        numbers = [
            pl.col(end).str.to_uppercase().replace_strict(place, default=None, return_dtype=pl.Int64).alias(end)
            for end in ("source", "target")
        ]
        kept = frame.filter(pl.col("score").is_null() | (pl.col("score") >= min_score))
        edges = kept.select(*numbers, "mode").drop_nulls().filter(pl.col("source") != pl.col("target"))
        modes = sorted(edges["mode"].unique().to_list())
        for mode in [ANY, *(modes if modes != [UNKNOWN] else [])]:
            own = edges if mode == ANY else edges.filter(mode=mode)
            pairs = own.select("source", "target").unique(maintain_order=True)
            source, target = (pairs[end].to_numpy() for end in ("source", "target"))
            yield Graph(name, mode, directed, source, target, len(symbols))
