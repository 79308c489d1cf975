"""The part of a run's graph around chosen features, hop by hop, with plain counts of what it leaves out.

1. From every pinned feature, ``hops`` times: the ``per_feature`` strongest edges of each feature that the last hop
   reached are followed, forward from what was reached forward, and backward from what was reached backward.
2. One hop more, either way, from each of the features in ``grown``.
3. The features at their ends are taken in, those at the strongest edges first, until MOST_FEATURES are there.
4. Shown are all edges among these features, not only those followed; of more than MOST_EDGES, the strongest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

MOST_FEATURES, MOST_EDGES, MOST_HOPS = 80, 300, 4
WAYS = {"both": ("out", "in"), "down": ("out",), "up": ("in",)}
Feature = tuple[str, int]  # autoencoder, number
Ask = Callable[..., pl.DataFrame]  # rows of a named query of the run, with values for its parameters


@dataclass(frozen=True)
class Around:
    """Which part: see the numbered steps. ``least``: smallest |g|; ``way``: both, down (what they act on) or up."""

    pinned: tuple[Feature, ...]
    grown: tuple[Feature, ...] = ()
    hops: int = 1
    way: str = "both"
    per_feature: int = 8
    least: float = 0.0


@dataclass(frozen=True)
class Part:
    """A part of a graph for a file; ``group``: what super-nodes share (one of GROUPS of ``supernodes``)."""

    around: Around
    group: str | None = None


@dataclass
class Neighbourhood:
    """``edges``: rows of query ``graph_edges``. ``n_edges``: edges among the features, drawn or not.

    ``n_unfollowed``: edges of the features that hops started from, beyond the strongest of each. ``n_untaken``:
    features that a followed edge leads to and for which there was no room.
    """

    features: list[Feature]
    edges: pl.DataFrame
    n_edges: int
    n_unfollowed: int
    n_untaken: int

    def left_out(self) -> str:
        """What the part leaves out, as one sentence; empty if nothing."""
        said = []
        if self.n_unfollowed:
            said.append(f"{self.n_unfollowed:,} weaker edges of the features that it grew from were not followed")
        if self.n_untaken:
            said.append(f"{self.n_untaken:,} features found no room beside these {len(self.features):,}")
        if self.n_edges > self.edges.height:
            said.append(f"of {self.n_edges:,} edges among its features the strongest {self.edges.height:,} are drawn")
        return f"The graph is cut: {'; '.join(said)}." if said else ""


@dataclass
class _Growth:
    ask: Ask
    around: Around
    features: list[Feature]
    unfollowed: dict[tuple[Feature, str], int] = field(default_factory=dict)
    untaken: set[Feature] = field(default_factory=set)

    def hop(self, start: list[Feature], way: str) -> list[Feature]:
        """Follow edges one way; returns the features that are new to the graph."""
        if not start:
            return []
        n_rows, least = self.around.per_feature, self.around.least
        rows = self.ask("graph_hop", **columns_of(start), way=way, n_rows=n_rows, min_effect=least)
        new: list[Feature] = []
        for one in rows.iter_rows(named=True):
            begun, reached = (one["from_sae"], one["from_feature"]), (one["to_sae"], one["to_feature"])
            self.unfollowed[begun, way] = max(0, one["n_of_feature"] - n_rows)
            if reached in self.features:
                continue
            if len(self.features) < MOST_FEATURES:
                self.features.append(reached)
                new.append(reached)
            else:
                self.untaken.add(reached)
        return new


def columns_of(features: list[Feature]) -> dict[str, list[object]]:
    """Features as the parameters ``saes`` and ``features`` of queries."""
    return {"saes": [sae_id for sae_id, _ in features], "features": [number for _, number in features]}


def neighbourhood(ask: Ask, around: Around) -> Neighbourhood:
    """The part of the graph; ``ask`` binds run, rule and kind of effect by itself. At least one feature is pinned."""
    growth = _Growth(ask, around, list(dict.fromkeys(around.pinned))[:MOST_FEATURES])
    reached = {way: list(growth.features) for way in WAYS[around.way]}
    for _ in range(around.hops):
        reached = {way: growth.hop(start, way) for way, start in reached.items()}
    for way in WAYS["both"]:
        growth.hop([one for one in around.grown if one in growth.features], way)
    edges = ask("graph_edges", **columns_of(growth.features), n_rows=MOST_EDGES, min_effect=around.least)
    return Neighbourhood(
        features=growth.features,
        edges=edges,
        n_edges=0 if edges.is_empty() else int(edges["n_matching"][0]),
        n_unfollowed=sum(growth.unfollowed.values()),
        n_untaken=len(growth.untaken),
    )
