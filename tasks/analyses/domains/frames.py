"""Rows of what one study says of its domains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.domains.edges import PAIR
from tasks.analyses.domains.graph import Graph, at_end
from tasks.analyses.domains.pairs import PairTests
from tasks.analyses.domains.step import DomainChoice, Kind
from tasks.statistics.fdr import benjamini_hochberg
from tasks.store import table_frame

ENDS: tuple[Literal["source"], Literal["target"]] = ("source", "target")


@dataclass(frozen=True)
class About:
    """Which edges, which kind of domain, and the ``names`` [D] of domains."""

    effect: str
    criterion: str
    kind: Kind
    names: list[str]

    @property
    def key(self) -> dict[str, str]:
        """Columns effect, criterion and kind."""
        return {"effect": self.effect, "criterion": self.criterion, "kind": self.kind}

    def named(self, domains: NDArray[np.int64]) -> pl.Series:
        """The names of numbered domains."""
        return pl.Series([self.names[one] for one in domains], dtype=pl.String)


def feature_rows(about: About, graph: Graph) -> pl.DataFrame:
    """Table ``feature_domain``."""
    known = graph.domains[about.kind].join(graph.features, on=["layer", "feature"])
    return known.select(pl.lit(about.kind).alias("kind"), "sae_id", "feature", "domain").sort("sae_id", "feature")


def coverage_rows(about: About, graph: Graph) -> pl.DataFrame:
    """Table ``domain_coverage``: step 2, by pair of layers."""
    named = graph.domains[about.kind].select("layer", "feature")
    sae = dict(graph.features.select("layer", "sae_id").unique().iter_rows())
    edges = graph.edges
    for end in ENDS:
        edges = at_end(edges, named.with_columns(pl.lit(value=True).alias(end)), end, "left")
    source, target = (pl.col(end).fill_null(value=False) for end in ENDS)
    counted = edges.group_by(PAIR).agg(
        n_edges=pl.len(), n_both=(source & target).sum(), n_source_only=(source & ~target).sum(),
        n_target_only=(target & ~source).sum(), n_neither=(~source & ~target).sum(),
    )  # fmt: skip
    saes = {f"{end}_sae": pl.col(f"{end}_layer").replace_strict(sae, return_dtype=pl.String) for end in ENDS}
    return conformed("domain_coverage", counted.sort(PAIR).with_columns(**saes), about.key)


def pair_rows(about: About, graph: Graph, settings: DomainChoice, tests: PairTests) -> pl.DataFrame:
    """Table ``domain_pair``: pairs with ``min_edges`` edges or more."""
    source, target = np.nonzero((tests.n_edges >= settings.min_edges) & tests.family)
    place = source, target
    q_least = float(tests.family.sum()) / (1 + settings.n_draws)
    tested = pl.DataFrame(
        {
            "source_domain": about.named(source), "target_domain": about.named(target),
            "expected": np.maximum(tests.expected[place], 0.0), "sd": tests.sd[place], "z": tests.z[place],
            "p": tests.p[place], "q": tests.q[place], "p_any": tests.p_any[place],
        },
    )  # fmt: skip
    shared = {"n_tests": int(tests.family.sum()), "n_null": settings.n_draws, "q_least": min(q_least, 1.0)}
    rows = tested.join(labelled_edges(about.kind, graph), on=["source_domain", "target_domain"])
    return conformed("domain_pair", rows, about.key | shared).sort("q", "p", "source_domain", "target_domain")


def labelled_edges(kind: Kind, graph: Graph) -> pl.DataFrame:
    """What the edges of every pair of domains are like."""
    edges = graph.edges
    for end in ENDS:
        edges = at_end(edges, graph.domains[kind].rename({"domain": f"{end}_domain"}), end, "inner")
    g = pl.col("g").cast(pl.Float64)
    return edges.sort(*PAIR, "source_feature", "target_feature").group_by("source_domain", "target_domain").agg(
        n_edges=pl.len(),
        n_sources=pl.struct("source_layer", "source_feature").n_unique(),
        n_targets=pl.struct("target_layer", "target_feature").n_unique(),
        n_layer_pairs=pl.struct(PAIR).n_unique(),
        mean_g=g.mean(), mean_abs_g=g.abs().mean(), share_negative=(g < 0).mean(),
        mean_depth=(pl.col("target_layer").cast(pl.Float64) - pl.col("source_layer")).mean(),
    )  # fmt: skip


def order_rows(about: About, settings: DomainChoice, tests: PairTests) -> pl.DataFrame:
    """Table ``domain_order``: two domains with ``min_edges`` edges between them in either direction."""
    between = tests.n_edges + tests.n_edges.T
    possible = tests.family | tests.family.T
    first, second = np.nonzero(np.triu((between >= settings.min_edges) & possible, k=1))
    family = int(np.triu(possible, k=1).sum())
    p = tests.lead_p[first, second]
    rows = pl.DataFrame(
        {
            "first": about.named(first), "second": about.named(second),
            "n_forward": tests.n_edges[first, second].astype(np.int64),
            "n_backward": tests.n_edges[second, first].astype(np.int64),
            "lead": tests.n_edges[first, second] - tests.n_edges[second, first],
            "expected_lead": tests.lead_expected[first, second],
            "p": p, "q": benjamini_hochberg(p, family),
        },
    )  # fmt: skip
    return conformed("domain_order", rows, about.key)


def conformed(table: str, rows: pl.DataFrame, constants: Mapping[str, Any]) -> pl.DataFrame:
    """The columns of the table in its types, some of them alike in all rows."""
    empty = table_frame(table, [])
    filled = rows.with_columns(**{name: pl.lit(value) for name, value in constants.items()})
    return filled.select(empty.columns).cast(empty.schema)
