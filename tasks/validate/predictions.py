"""What a circuit predicts about ordered pairs of genes (table gene_pair)."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from tasks.store import conform, table_frame
from tasks.store.progress import track
from tasks.validate.circuit import Circuit

BLOCK = 256  # source genes held as dense rows at a time


def predict_pairs(circuit: Circuit, max_pairs: int) -> pl.DataFrame:
    """The ``max_pairs`` pairs of different genes with the largest score, best first, ties by name.

    Formulas are in ``circuit``; ``n_edges`` counts the edges behind a pair and ``n_sources`` the distinct source
    features among them: edges of one feature are not independent evidence. Whether a pair is known is not said yet.
    """
    best = table_frame("gene_pair", [])
    for block in _blocks(circuit):
        ranked = pl.concat([best, block]).sort("score", "source_gene", "target_gene", descending=[True, False, False])
        best = ranked.head(max_pairs)
    return best


def mark_known(pairs: pl.DataFrame, networks: Mapping[str, Mapping[str, frozenset[str]]]) -> pl.DataFrame:
    """Fill ``known_tf_target``: whether a network lists the target under the source, NULL if that is no factor.

    Symbols are compared without regard to case.
    """
    links = [(f, t.upper()) for network in networks.values() for f, targets in network.items() for t in sorted(targets)]
    known = pl.DataFrame(links, schema={"factor": pl.String, "target": pl.String}, orient="row").unique()
    factor, target = pl.col("source_gene").str.to_uppercase(), pl.col("target_gene").str.to_uppercase()
    marked = pairs.with_columns(factor=factor, target=target).join(
        known.with_columns(listed=pl.lit(True)), on=["factor", "target"], how="left", maintain_order="left"
    )
    is_factor = pl.col("factor").is_in(known["factor"].unique().to_list())
    listed = pl.when(is_factor).then(pl.col("listed").fill_null(False))
    return marked.with_columns(known_tf_target=listed).select(pairs.columns)


def _blocks(circuit: Circuit) -> Iterator[pl.DataFrame]:
    lists = circuit.source_lists.T.tocsr()  # [A, S]
    edges = _ones(circuit.effects) @ _ones(circuit.target_lists)  # [S, B] edges of s whose target lists b
    per_feature = (circuit.strength, circuit.support, edges, _ones(edges))
    signed = circuit.sense != 0
    starts = range(0, lists.shape[0], BLOCK)
    for start in track(starts, "gene pairs", len(starts), "block"):
        rows = lists[start : start + BLOCK]
        weights = (rows, rows, _ones(rows), _ones(rows))
        dense = [(w @ m).toarray() for w, m in zip(weights, per_feature, strict=True)]
        pairs = _long(circuit, start, *dense)
        yield pairs if signed else pairs.with_columns(signed_score=pl.lit(None, pl.Float64))


def _long(
    circuit: Circuit, start: int, score: np.ndarray, signed: np.ndarray, n_edges: np.ndarray, n_sources: np.ndarray
) -> pl.DataFrame:
    """Rows of gene_pair from dense [genes of the block, B] arrays, pairs of a gene with itself left out."""
    source, target = np.nonzero(n_edges)
    frame = pl.DataFrame(
        {
            "source_gene": np.array(circuit.source_symbols, dtype=object)[source + start],
            "target_gene": np.array(circuit.target_symbols, dtype=object)[target],
            "n_edges": n_edges[source, target],
            "n_sources": n_sources[source, target],
            "score": score[source, target],
            "signed_score": signed[source, target],
        },
        schema_overrides={"source_gene": pl.String, "target_gene": pl.String},
    )
    return conform("gene_pair", frame).filter(pl.col("source_gene") != pl.col("target_gene"))


def _ones(matrix: csr_array) -> csr_array:
    """The same places, each holding one."""
    return csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
