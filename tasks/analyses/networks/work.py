"""Edges of gene networks between the genes of every feature.

1. A feature's list holds its first ``genes`` genes by rank (table ``feature_gene``). Networks are cut to listed genes.
2. n_edges counts the pairs of a list that an edge joins, in either direction; density is their share of all pairs.
3. A raw density is no evidence: genes of high degree are joined to many others. p is that of lists whose genes have the
   same degrees (from and to others, if edges have a direction) and stand in as many lists, gene by gene: ``alike``,
   ``edges``.
4. Networks that tell the mode of regulation are tested as a whole and by mode, each with its own degrees.
5. q is Benjamini-Hochberg over all lists, networks and modes of the autoencoder. Lists without an edge have p = 1; they
   count, and get no row.

``rule = "published"``: lists go by ``published_rank``, and edges are counted, not tested. Edges with a direction were
stored as (factor, target), but looked up as (earlier name, later name), so that about half of them were not found.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.networks.alike import AlikeGenes
from tasks.analyses.networks.edges import Draws, EdgeTests, count_edges, draw_until_settled
from tasks.analyses.networks.graphs import Graph, graphs
from tasks.analyses.networks.step import NetworksSettings
from tasks.references.reader import ReferencesReader
from tasks.statistics import benjamini_hochberg
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame
from tasks.store.memory import require_memory

UNIT = "networks"
TABLE = "feature_network_density"
Ints = NDArray[np.int64]


def count_network_edges(settings: NetworksSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one layer's features against every network. Raises RequestError without a network, or memory for one."""
    described, edges = StepFolder.open(inputs.folder("describe")), ReferencesReader(inputs.folder("references")).edges()
    if not edges:
        raise RequestError("networks: references.networks names no network: add one, or leave networks out")
    if not out.has(UNIT):
        rank = "published_rank" if settings.rule == "published" else "rank"
        symbols, features, lists = gene_lists(described.read_table("feature_gene"), rank, settings.genes)
        networks = list(graphs(edges, symbols, settings.min_score))
        require_memory(len(networks) * len(symbols) ** 2, f"networks of {len(symbols)} genes", "lower networks.genes")
        measure = as_published if settings.rule == "published" else against_alike
        frame = rows(features, lists, networks, measure(settings, networks, lists, symbols), settings.rule)
        sae_id = described.read_table("feature")["sae_id"][0]
        with out.unit(UNIT) as shard:
            shard.table(TABLE, frame.select(pl.lit(sae_id).alias("sae_id"), pl.all()))
    found = out.read_table(TABLE)
    joined = found.filter(pl.col("q") <= settings.alpha)["feature"].n_unique()
    return {"n_rows": found.height, "n_joined_features": joined}


def gene_lists(genes: pl.DataFrame, rank: str, longest: int) -> tuple[list[str], Ints, list[Ints]]:
    """Step 1: all listed genes, upper case; features that list two or more; and each one's genes, numbered."""
    kept = genes.filter(pl.col(rank) <= longest).sort("feature", rank)
    kept = kept.select("feature", symbol=pl.col("symbol").str.to_uppercase()).unique(maintain_order=True)
    symbols = kept["symbol"].unique(maintain_order=True).sort().to_list()
    place = {symbol: number for number, symbol in enumerate(symbols)}
    numbered = kept.with_columns(gene=pl.col("symbol").replace_strict(place, return_dtype=pl.Int64))
    lists = numbered.group_by("feature", maintain_order=True).agg("gene").filter(pl.col("gene").list.len() > 1)
    return symbols, lists["feature"].to_numpy().astype(np.int64), [one.to_numpy() for one in lists["gene"]]


def against_alike(
    settings: NetworksSettings, networks: Sequence[Graph], lists: Sequence[Ints], symbols: list[str]
) -> list[EdgeTests]:
    """Steps 2 to 4, network by network."""
    times = np.bincount(np.concatenate([np.empty(0, np.int64), *lists]), minlength=len(symbols)).astype(np.float64)
    draws = []
    for number, graph in enumerate(networks):
        seed = [settings.seed, number]
        like = np.column_stack([graph.degrees, times])
        alike = AlikeGenes(like, settings.neighbours, settings.caliper, np.random.default_rng(seed))
        draws.append(Draws(graph.joined(), lists, alike, seed))
    draw_until_settled(draws, settings.alpha, settings.max_draws)
    return [one.tests() for one in draws]


def as_published(
    _settings: NetworksSettings, networks: Sequence[Graph], lists: Sequence[Ints], symbols: list[str]
) -> list[EdgeTests]:
    """Edges alone."""
    alphabetical, untested = np.argsort(np.argsort(symbols)), np.full(len(lists), np.nan)
    counted = []
    for graph in networks:
        joined = graph.joined(alphabetical)
        n_edges = np.array([count_edges(joined, one[None])[0] for one in lists], dtype=np.int64)
        counted.append(EdgeTests(n_edges, untested, untested, untested, np.zeros(len(lists), dtype=np.int64)))
    return counted


def rows(
    features: Ints, lists: Sequence[Ints], networks: Sequence[Graph], tests: Sequence[EdgeTests], rule: str
) -> pl.DataFrame:
    """Table ``feature_network_density`` behind sae_id: lists with an edge, by feature, network and mode."""
    tested = rule != "published"
    q = benjamini_hochberg(np.array([one.p for one in tests])) if tested else np.array([one.p for one in tests])
    frames = []
    n_genes = np.array([one.size for one in lists], dtype=np.int64)
    for graph, one, adjusted in zip(networks, tests, q, strict=True):
        direction = "none" if not graph.directed else "either" if tested else "alphabetical"
        columns = {
            "feature": features,
            "network": pl.repeat(graph.network, features.size, eager=True),
            "density": one.n_edges / (n_genes * (n_genes - 1) / 2),
            "n_genes": n_genes,
            "n_edges": one.n_edges,
            "expected": one.expected,
            "sd": one.sd,
            "p": one.p,
            "q": adjusted,
            "n_null": one.n_null,
            "direction": pl.repeat(direction, features.size, eager=True),
            "mode": pl.repeat(graph.mode, features.size, eager=True),
            "rule": pl.repeat(rule, features.size, eager=True),
        }
        frames.append(pl.DataFrame(columns).filter(pl.col("n_edges") > 0))
    if not frames:
        return table_frame(TABLE, []).drop("sae_id")
    named = pl.concat(frames).with_columns(pl.col("expected", "sd", "p", "q").fill_nan(None))
    if not tested:
        named = named.with_columns(n_null=pl.lit(None, pl.Int64))
    return named.sort("feature", "network", "mode")
