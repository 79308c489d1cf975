"""Rows of step ``relations``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.domains.frames import About, conformed
from tasks.analyses.relations.links import JoinedGenes, SharedGenes
from tasks.analyses.relations.ontology import Ancestry
from tasks.analyses.relations.share import NovelShare

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Linked:
    """What links the domains ``names`` [D], each pair once: a row of ``pairs`` for every first < second.

    ``known`` [D, D] by our rule, ``published`` [D, D] by the published one; both symmetric.
    """

    names: list[str]
    pairs: pl.DataFrame
    known: Bools
    published: Bools

    @classmethod
    def of(
        cls,
        alpha: float,
        names: list[str],
        members: csr_matrix,
        links: tuple[SharedGenes, JoinedGenes | None],
        networks: list[str],
        ancestry: Ancestry,
    ) -> "Linked":
        """Of two kinds of evidence, each pair of domains at once, and ancestry, pair by pair."""
        shared, joined = links
        upper = np.triu_indices(len(names), 1)
        told = [ancestry.related(int(one), int(other)) for one, other in zip(*upper, strict=True)]
        related = np.array([one is True for one, _ in told], dtype=bool)
        by_genes = shared.q[upper] <= alpha
        by_edges = joined.q[upper] <= alpha if joined else np.zeros(by_genes.size, dtype=bool)
        size = np.diff(members.indptr)
        frame = pl.DataFrame(
            {
                "first": pl.Series(names, dtype=pl.String).gather(upper[0]),
                "second": pl.Series(names, dtype=pl.String).gather(upper[1]),
                "n_first": size[upper[0]], "n_second": size[upper[1]],
                "n_shared": shared.shared[upper], "expected_shared": shared.expect[upper],
                "p_shared": shared.p[upper], "q_shared": shared.q[upper],
                **_of_networks(joined, upper, networks),
                "related": pl.Series([one for one, _ in told], dtype=pl.Boolean),
                "related_reason": pl.Series([why for _, why in told], dtype=pl.String),
                "known": by_genes | by_edges | related,
                "known_published": shared.published[upper],

            },
        )  # fmt: skip
        frame = frame.with_columns(
            n_background=pl.lit(members.shape[1]), n_tests=pl.lit(by_genes.size), alpha=pl.lit(alpha)
        )
        known = np.eye(len(names), dtype=bool)
        known[upper] = frame["known"].to_numpy()
        return cls(names, frame, known | known.T, shared.published)

    def unknown(self) -> dict[str, Bools]:
        """Pairs of different domains that are not known to be linked, by rule: [D, D]."""
        apart = ~np.eye(len(self.names), dtype=bool)
        return {"default": apart & ~self.known, "published": apart & ~self.published}


def _of_networks(
    joined: JoinedGenes | None, upper: tuple[NDArray[np.int64], ...], networks: list[str]
) -> dict[str, pl.Series]:
    """Columns of network edges, NULL without a network."""
    kinds = {"network": pl.String, "n_joined": pl.UInt32}
    kinds |= dict.fromkeys(("expected_joined", "p_joined", "q_joined"), pl.Float64)
    if joined is None:
        return {name: pl.Series([None] * upper[0].size, dtype=kind) for name, kind in kinds.items()}
    named = pl.Series(networks, dtype=pl.String).gather(joined.network[upper])
    figures = (joined.n_edges[upper], joined.expect[upper], joined.p[upper], joined.q[upper])
    values = [named, *(pl.Series(one) for one in figures)]
    return {name: value.cast(kind) for (name, kind), value in zip(kinds.items(), values, strict=True)}


def link_rows(about: About, linked: Linked, found: pl.DataFrame) -> pl.DataFrame:
    """Table ``domain_link``: pairs that are known to be linked by either rule, or that edges join (``domain_pair``)."""
    listed = _ordered(found).select("first", "second").unique().with_columns(listed=True)
    rows = linked.pairs.join(listed, on=["first", "second"], how="left")
    kept = rows.filter(pl.col("known") | pl.col("known_published") | pl.col("listed").is_not_null())
    return conformed("domain_link", kept, {"kind": about.kind}).sort("first", "second")


def pair_rows(about: About, linked: Linked, found: pl.DataFrame, alpha: float) -> pl.DataFrame:
    """Table ``novel_pair``, by both rules."""
    apart = _ordered(found.filter(pl.col("source_domain") != pl.col("target_domain")))
    joined = apart.join(linked.pairs, on=["first", "second"])
    rules = {
        "default": joined.filter(~pl.col("known"), pl.col("q") <= alpha),
        "published": joined.filter(~pl.col("known_published")),
    }
    rows = pl.concat([rows.with_columns(rule=pl.lit(rule)) for rule, rows in rules.items()])
    return conformed("novel_pair", rows, about.key).sort("rule", "q", "p_any", "source_domain", "target_domain")


def share_rows(
    about: About, shares: Mapping[str, NovelShare], found: pl.DataFrame, novel: pl.DataFrame, n_draws: int
) -> pl.DataFrame:
    """Table ``novel_share``: one row for each rule."""
    apart = found.filter(pl.col("source_domain") != pl.col("target_domain"))
    rows = [
        {
            "rule": rule,
            "n_pairs": apart.height,
            "n_novel_pairs": novel.filter(rule=rule).height,
            "n_edges": share.n_edges,
            "n_novel_edges": share.n_novel,
            "share": share.n_novel / share.n_edges if share.n_edges else None,
            "expected_share": share.expected if share.n_edges else None,
            "sd": float(share.draws.sd[0]) if share.n_edges else None,
            "p": share.p if share.n_edges else None,
            "n_null": n_draws,
        }
        for rule, share in shares.items()
    ]
    return conformed("novel_share", pl.DataFrame(rows), about.key)


def _ordered(found: pl.DataFrame) -> pl.DataFrame:
    """Pairs of domains with their two ends in the order of the alphabet as well."""
    source, target = pl.col("source_domain"), pl.col("target_domain")
    in_order = pl.when(source <= target)
    return found.with_columns(
        first=in_order.then(source).otherwise(target), second=in_order.then(target).otherwise(source)
    )
