"""Rows of table feature, which quotes genes, annotation and cell types."""

import numpy as np
import polars as pl

from tasks.describe.names import named
from tasks.describe.settings import DescribeSettings
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_features import Layer


def feature_rows(
    world: World, layer: Layer, genes: pl.DataFrame, annotation: pl.DataFrame, types: pl.DataFrame
) -> pl.DataFrame:
    """The feature table, which quotes the others."""
    fires = layer.codes > 0
    count = fires.sum(0)
    first = np.unique(world.cell_id, return_index=True)[1]
    one_hot = np.eye(len(world.symbols), dtype=np.float32)[world.gene]
    active_cells = (np.add.reduceat(fires, first, axis=0) > 0).sum(0)
    total = layer.codes.sum(0, dtype=np.float64)
    frequency = count / len(fires)
    alive, rare = count > 0, (count < 100) | (active_cells < 20)
    tier = np.select([~alive, frequency > 0.1, rare], ["dead", "dense", "rare"], "normal")
    rng = np.random.default_rng([layer.layer, 17])
    table = pl.DataFrame(
        {
            "feature": np.arange(len(count), dtype=np.uint32),
            "alive": alive,
            "tier": tier,
            "fire_count": count,
            "frequency": frequency,
            "n_cells_active": active_cells,
            "mean_activation": total / len(fires),
            "mean_when_active": total / np.maximum(count, 1),
            "max_activation": layer.codes.max(0),
            "n_genes": (one_hot.T @ fires > 0).sum(0),
            "effective_genes": _effective_genes(one_hot.T @ layer.codes),
            "module": None,
            "map_x": rng.normal(size=len(count)),
            "map_y": rng.normal(size=len(count)),
        }
    ).with_columns(
        sae_id=pl.lit(layer.sae_id),
        layer=pl.lit(layer.layer),
        decoder_norm=pl.lit(1.0),
        mean_when_active=pl.when("alive").then("mean_when_active"),
        **{name: pl.when("alive").then(name) for name in ("map_x", "map_y")},
    )
    for quoted in (_top_genes(genes, total), _labels(annotation), _top_types(types)):
        table = table.join(quoted, on="feature", how="left", maintain_order="left")
    return contract_frame("feature", named(table, DescribeSettings()))


def _effective_genes(totals: np.ndarray) -> pl.Series:
    """One over the sum of squared shares of genes, of [genes, features]; null for a dead feature."""
    shares = totals / np.maximum(totals.sum(0), 1e-12)
    squares = (shares.astype(np.float64) ** 2).sum(0)
    return pl.Series([max(1 / one, 1.0) if one else None for one in squares.tolist()], dtype=pl.Float64)


def _top_genes(genes: pl.DataFrame, total: np.ndarray) -> pl.DataFrame:
    first = genes.filter(pl.col("rank") <= 5).sort("feature", "rank")
    first = first.with_columns(all=pl.Series(total[first["feature"].to_numpy()]))
    share = pl.col("fire_count") * pl.col("mean_activation") / pl.col("all")
    return (
        first.with_columns(share=share)
        .group_by("feature", maintain_order=True)
        .agg(
            top_genes=pl.col("symbol").str.join(", "),
            top5_share=pl.col("share").sum().clip(0, 1),
            gene_shares=pl.struct("symbol", "share"),
        )
    )


def _labels(annotation: pl.DataFrame) -> pl.DataFrame:
    best = annotation.filter("significant").sort("feature", "q", "p", "library", "term").unique("feature", keep="first")
    return best.select("feature", label="term", label_library="library", label_q="q")


def _top_types(types: pl.DataFrame) -> pl.DataFrame:
    best = types.filter("called").sort("auroc_low", "cell_type", descending=[True, False])
    return best.unique("feature", keep="first").select(
        "feature",
        top_cell_type="cell_type",
        top_cell_type_auroc="auroc",
        top_cell_type_low="auroc_low",
        top_cell_type_cells="n_cells",
    )
