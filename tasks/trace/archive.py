"""Tables trace_pair and effect_cell: what was ablated where, and every non-zero effect it had in each cell."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import torch
from torch import Tensor

from tasks.trace.clean import CleanCell
from tasks.trace.effects import BlockEffects, Pairs
from tasks.trace.names import EFFECT, Names

PAIR_SCHEMA = {
    "source_sae": pl.String,
    "source_layer": pl.UInt16,
    "source_feature": pl.UInt32,
    "cell_id": pl.UInt32,
    "n_positions": pl.UInt16,
    "activation_sum": pl.Float32,
    "activation_max": pl.Float32,
    "displacement_norm": pl.Float32,
}
EFFECT_COLUMNS = [
    "effect",
    "source_sae",
    "source_layer",
    "source_feature",
    "target_sae",
    "target_layer",
    "cell_id",
    "targets",
    "deltas",
]


def pair_frame(names: Names, cells: list[CleanCell], pairs: Pairs, norms: Tensor) -> pl.DataFrame:
    """Rows of trace_pair; ``norms`` [F] are the lengths of the source's feature directions."""
    rows = []
    for feature, place, site in zip(pairs.feature.tolist(), pairs.cell.tolist(), pairs.site.tolist(), strict=True):
        active = cells[place].sites.at(site)[1].double()
        size = float(active.square().sum().sqrt() * norms[feature])
        row = (feature, cells[place].cell_id, len(active), float(active.sum()), float(active.max()), size)
        rows.append((names.source_sae, names.source_layer, *row))
    return pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row")


def effect_frame(names: Names, cells: list[CleanCell], block: BlockEffects) -> pl.DataFrame:
    """Rows of effect_cell, by source feature, target layer and cell; a pair without an effect has no row."""
    cell_ids = torch.tensor([cell.cell_id for cell in cells])
    frames = [_layer_frame(names, layer, values, block.pairs, cell_ids) for layer, values in block.values.items()]
    return pl.concat(frames).sort("source_feature", "target_layer", "cell_id").select(EFFECT_COLUMNS)


def _layer_frame(names: Names, layer: int, values: Tensor, pairs: Pairs, cell_ids: Tensor) -> pl.DataFrame:
    rows, columns = values.nonzero(as_tuple=True)
    counts = torch.bincount(rows, minlength=len(values)).numpy()
    return (
        pl.DataFrame(
            {
                "source_feature": pairs.feature.numpy().astype(np.uint32),
                "cell_id": cell_ids[pairs.cell].numpy().astype(np.uint32),
                "targets": _lists(columns.numpy().astype(np.uint32), counts),
                "deltas": _lists(values[rows, columns].numpy(), counts),
            }
        )
        .select(
            pl.all(),
            pl.lit(EFFECT).alias("effect"),
            pl.lit(names.source_sae).alias("source_sae"),
            pl.lit(names.source_layer, pl.UInt16).alias("source_layer"),
            pl.lit(names.target_saes[layer]).alias("target_sae"),
            pl.lit(layer, pl.UInt16).alias("target_layer"),
        )
        .filter(pl.col("targets").list.len() > 0)
    )


def _lists(flat: np.ndarray, counts: np.ndarray) -> pl.Series:
    """A list column from its concatenated entries and the length of every list."""
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return pl.Series(pa.LargeListArray.from_arrays(offsets, pa.array(flat)))


def read_effects(archive: list[Path], pairs: pl.DataFrame, sizes: dict[int, int], feature: int) -> Tensor:
    """Archived effects of one source feature: float32 [n cells, all targets], layers side by side.

    ``archive`` are shards of effect_cell, ``pairs`` rows of trace_pair, ``sizes`` the features of every target layer.
    """
    cells = pairs.filter(pl.col("source_feature") == feature)["cell_id"].to_list()
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    effects = torch.zeros(len(cells), sum(sizes.values()))
    rows = pl.scan_parquet(archive).filter(pl.col("source_feature") == feature).collect()
    for layer, cell, targets, deltas in rows.select("target_layer", "cell_id", "targets", "deltas").iter_rows():
        effects[cells.index(cell), starts[layer] + torch.tensor(targets)] = torch.tensor(deltas)
    return effects
