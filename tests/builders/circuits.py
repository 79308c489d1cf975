"""Invented edges between features with invented gene lists, as the frames that circuits are built from."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.validate.edges import no_edges

SOURCE, TARGET = "L00-topk", "L01-topk"


@dataclass
class Toy:
    """Gene lists by feature, best first, and edges (source feature, target feature, g)."""

    source_lists: list[list[str]]
    target_lists: list[list[str]]
    edges: list[tuple[int, int, float]]

    def edge_frame(self) -> pl.DataFrame:
        rows = [(SOURCE, s, TARGET, t, g) for s, t, g in self.edges]
        return pl.DataFrame(rows, schema=no_edges().schema, orient="row")

    def list_frame(self) -> pl.DataFrame:
        rows = [
            (sae, feature, symbol, 1.0 / rank)
            for sae, lists in ((SOURCE, self.source_lists), (TARGET, self.target_lists))
            for feature, symbols in enumerate(lists)
            for rank, symbol in enumerate(symbols, start=1)
        ]
        schema = {"sae_id": pl.String, "feature": pl.UInt32, "symbol": pl.String, "weight": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def reached(self, gene: str, sign: int = 0) -> set[str]:
        """Genes on the lists of targets of features that list ``gene``; only by edges of one sign if it is not 0."""
        ends = {t for s, t, g in self.edges if gene in self.source_lists[s] and (sign == 0 or sign * g > 0)}
        return {symbol for t in ends for symbol in self.target_lists[t]} - {gene}


def random_toy(seed: int, n_sources: int = 80, n_targets: int = 100, n_genes: int = 150, length: int = 4) -> Toy:
    """Random lists and edges; every source has 2 to 8 edges. Source lists start with their own gene S<feature>."""
    rng = np.random.default_rng(seed)
    genes = [f"GENE{i}" for i in range(n_genes)]

    def some(n: int) -> list[str]:
        return [genes[i] for i in rng.choice(n_genes, n, replace=False)]

    sources = [[f"S{f}", *some(length - 1)] for f in range(n_sources)]
    targets = [some(length) for _ in range(n_targets)]
    edges = [
        (s, int(t), float(rng.choice([-1, 1]) * rng.uniform(0.6, 3)))
        for s in range(n_sources)
        for t in rng.choice(n_targets, rng.integers(2, 9), replace=False)
    ]
    return Toy(sources, targets, edges)
