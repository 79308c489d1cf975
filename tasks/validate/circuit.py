"""A circuit seen through genes: sparse matrices of edges between features and of each feature's gene list.

1. A feature stands for its first ``top_genes`` genes; the gene of rank r weighs 1 / r.
2. Edges whose two ends both have genes are kept: ``effects`` [S, T] holds their Hedges g.
3. The score of a pair of genes (a, b) is the sum over edges (s, t) of |g| / (rank of a in s * rank of b in t), that is
   ``source_lists.T @ |effects| @ target_lists``. Ablation lowers the target where g < 0, so the signed score takes
   -g: positive where the source gene supports the target gene. Where features were strengthened instead, it takes g;
   where they were moved either way, no sign tells support, and there is none (``sense``).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tasks.store import StepFolder, table_frame

FEATURE = ["sae_id", "feature"]
RANKED = [*FEATURE, "symbol", "rank"]


@dataclass(frozen=True)
class Circuit:
    """S source features, T target features, A and B genes on their lists."""

    source_symbols: list[str]  # A, ascending
    target_symbols: list[str]  # B, ascending
    source_sae: NDArray[np.int64]  # [S] number of the feature's autoencoder
    source_lists: csr_array  # [S, A] 1 / rank
    target_lists: csr_array  # [T, B] 1 / rank
    effects: csr_array  # [S, T] Hedges g
    rule: str = "calibrated"  # that called the edges
    sense: int = -1  # sign of an effect through which a feature supports its target, 0 if there is none

    @property
    def strength(self) -> csr_array:
        """[S, B] how strongly each source feature reaches each gene, |g| / rank summed over edges."""
        return abs(self.effects) @ self.target_lists

    @property
    def support(self) -> csr_array:
        """[S, B] the same with -g, or g where ``sense`` says so: positive where the feature supports the gene."""
        return self.sense * self.effects @ self.target_lists


def read_gene_lists(describes: dict[str, Path], top_genes: int) -> pl.DataFrame:
    """The first ``top_genes`` genes of every feature: sae_id, feature, symbol, weight = 1 / rank.

    A symbol that two genes of one list share keeps its better rank.
    """
    frames = [_gene_list(path, top_genes) for _, path in sorted(describes.items())]
    ranked = pl.concat([table_frame("feature_gene", []).select(RANKED), *frames])
    best = ranked.group_by([*FEATURE, "symbol"]).agg(pl.col("rank").min())
    return best.sort([*FEATURE, "symbol"]).select(*FEATURE, "symbol", weight=1.0 / pl.col("rank").cast(pl.Float64))


def build_circuit(edges: pl.DataFrame, lists: pl.DataFrame, rule: str = "calibrated", sense: int = -1) -> Circuit:
    """Join edges (columns of edges.EDGE) with gene lists (columns of ``read_gene_lists``)."""
    listed = lists.select(FEATURE).unique()
    for end in ("source", "target"):
        edges = edges.join(listed, left_on=[f"{end}_sae", f"{end}_feature"], right_on=FEATURE, how="semi")
    sources, targets = _ends(edges, "source"), _ends(edges, "target")
    source_symbols, source_lists = _list_matrix(sources, lists)
    target_symbols, target_lists = _list_matrix(targets, lists)
    rows = edges.join(sources, left_on=["source_sae", "source_feature"], right_on=FEATURE, maintain_order="left")
    cells = rows.join(targets, left_on=["target_sae", "target_feature"], right_on=FEATURE, maintain_order="left")
    place = (cells["row"].to_numpy(), cells["row_right"].to_numpy())
    effects = csr_array((cells["g"].cast(pl.Float64).to_numpy(), place), shape=(sources.height, targets.height))
    sae = sources["sae_id"].rank("dense").cast(pl.Int64).to_numpy()
    return Circuit(source_symbols, target_symbols, sae, source_lists, target_lists, effects, rule, sense)


def _gene_list(describe: Path, top_genes: int) -> pl.DataFrame:
    shards = StepFolder.open(describe).shards("feature_gene")
    if not shards:
        return table_frame("feature_gene", []).select(RANKED)
    return pl.scan_parquet(shards, glob=False).filter(pl.col("rank") <= top_genes).select(RANKED).collect()


def _ends(edges: pl.DataFrame, end: str) -> pl.DataFrame:
    """Distinct features at one end of the edges, with their matrix row."""
    ends = edges.select(sae_id=f"{end}_sae", feature=f"{end}_feature").unique().sort(FEATURE)
    return ends.with_row_index("row")


def _list_matrix(features: pl.DataFrame, lists: pl.DataFrame) -> tuple[list[str], csr_array]:
    entries = lists.join(features, on=FEATURE, maintain_order="left")
    symbols = entries.select("symbol").unique().sort("symbol").with_row_index("column")
    entries = entries.join(symbols, on="symbol", maintain_order="left")
    place = (entries["row"].to_numpy(), entries["column"].to_numpy())
    matrix = csr_array((entries["weight"].to_numpy(), place), shape=(features.height, symbols.height))
    return symbols["symbol"].to_list(), matrix
