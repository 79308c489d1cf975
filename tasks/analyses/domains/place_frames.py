"""Rows of tables domain_layer, domain_centrality, domain_scc and domain_loop."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.domains.frames import ENDS, About, conformed
from tasks.analyses.domains.graph import Graph, at_end, number_features, targets
from tasks.analyses.domains.places import LOOPS, Places, Tested, place_domains
from tasks.analyses.domains.step import DomainChoice
from tasks.analyses.domains.wiring import Wiring
from tasks.statistics.fdr import benjamini_hochberg
from tasks.store import table_frame

TABLES = ("domain_layer", "domain_centrality", "domain_scc", "domain_loop")


def place_tables(
    about: About, graph: Graph, settings: DomainChoice, wiring: Wiring, n_layers: int
) -> dict[str, pl.DataFrame]:
    """All four, of one kind of domain in a model of ``n_layers``; no rows without an edge."""
    if not wiring.n.size:
        return {table: table_frame(table, []) for table in TABLES}
    layer = targets(graph, about.kind, about.names)["layer"].to_numpy().astype(np.float64)
    seed = [settings.seed, 1]
    found = place_domains(wiring, (layer + 1) / n_layers, settings.min_edges, settings.n_draws, seed)
    n_null, loops = {"n_null": settings.n_draws}, _tested(pl.Series("statistic", LOOPS), found.loops)
    return {
        "domain_layer": layer_rows(about, graph, settings, found, n_layers),
        "domain_centrality": centrality_rows(about, wiring, found, n_null),
        "domain_scc": component_rows(about, found),
        "domain_loop": conformed("domain_loop", loops, about.key | n_null),
    }


def layer_rows(about: About, graph: Graph, settings: DomainChoice, found: Places, n_layers: int) -> pl.DataFrame:
    """Table ``domain_layer``: domains with ``min_edges`` edges or more at that end."""
    numbered = number_features(graph, about.kind, about.names)
    both = graph.edges
    for end in ENDS:
        both = at_end(both, numbered.rename({"number": end}), end, "inner")
    parts = []
    for end in ENDS:
        layer = pl.col(f"{end}_layer").cast(pl.Float64)
        sums = both.sort(pl.all()).group_by(pl.col(end).alias("number")).agg(
            n_edges=pl.len(), mean_layer=layer.mean(), sd_layer=layer.std(ddof=0),
            min_layer=layer.min(), max_layer=layer.max(), mean_depth=((layer + 1) / n_layers).mean(),
        )  # fmt: skip
        parts.append(sums.filter(pl.col("n_edges") >= settings.min_edges).with_columns(role=pl.lit(end)))
    rows = pl.concat(parts).with_columns(_only_targets(pl.concat(parts), found))
    domain = about.named(rows["number"].to_numpy())
    n_null = pl.when(pl.col("role") == "target").then(settings.n_draws)
    return conformed("domain_layer", rows.with_columns(domain=domain, n_null=n_null), about.key).sort("role", "domain")


def _only_targets(rows: pl.DataFrame, found: Places) -> list[pl.Series]:
    """Columns expected_depth, p and q, NULL for sources."""
    target = (rows["role"] == "target").to_numpy()
    number = rows["number"].to_numpy()[target]
    p = found.depth.p[number]
    columns = {"expected_depth": found.depth.expected[number], "p": p, "q": benjamini_hochberg(p)}
    return [pl.Series(name, _at(target, values)).fill_nan(None) for name, values in columns.items()]


def _at(place: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
    filled = np.full(place.size, np.nan)
    filled[place] = values
    return filled


def centrality_rows(about: About, wiring: Wiring, found: Places, n_null: dict[str, int]) -> pl.DataFrame:
    """Table ``domain_centrality``: domains with an edge to or from another."""
    counts = wiring.counts(wiring.domain)
    np.fill_diagonal(counts, 0.0)
    ends = counts.sum(axis=0), counts.sum(axis=1)
    rows = _tested(pl.Series("domain", about.names, dtype=pl.String), found.rank)
    kept = rows.with_columns(n_in=pl.Series(ends[0]), n_out=pl.Series(ends[1])).rename({"observed": "pagerank"})
    kept = kept.filter(pl.col("n_in") + pl.col("n_out") > 0)
    kept = kept.with_columns(q=pl.Series(benjamini_hochberg(kept["p"].to_numpy()), dtype=pl.Float64))
    return conformed("domain_centrality", kept, about.key | n_null).sort("pagerank", "domain", descending=[True, False])


def component_rows(about: About, found: Places) -> pl.DataFrame:
    """Table ``domain_scc``: domains of components of two or more."""
    rows = pl.DataFrame({"domain": pl.Series(about.names, dtype=pl.String), "number": found.component})
    rows = rows.with_columns(size=pl.len().over("number"), head=pl.col("domain").min().over("number"))
    kept = rows.filter(pl.col("size") > 1).sort("size", "head", "domain", descending=[True, False, False])
    order = kept["head"].unique(maintain_order=True).to_list()
    number = pl.col("head").replace_strict(order, range(1, len(order) + 1), return_dtype=pl.UInt32)
    return conformed("domain_scc", kept.with_columns(component=number), about.key)


def _tested(names: pl.Series, tested: Tested) -> pl.DataFrame:
    columns = {"observed": tested.observed, "expected": tested.expected, "sd": tested.sd, "p": tested.p}
    return pl.DataFrame([names, *(pl.Series(name, values, dtype=pl.Float64) for name, values in columns.items())])
