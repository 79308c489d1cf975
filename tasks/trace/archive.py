"""Tables trace_pair and effect_cell: what was ablated where, and every non-zero effect it had in each cell."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.effects import BlockEffects, Change, Pairs, active_pairs
from tasks.causal.reading import Reading, positions_read
from tasks.store import StepFolder, table_frame
from tasks.trace.names import Names


def pair_frame(
    names: Names,
    states: list[SourceState],
    features: Tensor,
    norms: Tensor,
    change: Change,
    reading: Reading = "active",
) -> pl.DataFrame:
    """Rows of trace_pair for ``features`` int64; ``norms`` [F] are the lengths of the source's feature directions.

    A cell where a feature leaves no position to be read makes no pair with it.
    """
    pairs, rows = active_pairs([state.sites for state in states], features), []
    for feature, place, site in zip(pairs.feature.tolist(), pairs.cell.tolist(), pairs.site.tolist(), strict=True):
        state = states[place]
        positions, active = state.sites.at(site)
        n_read = len(positions_read(reading, state.genes, positions))
        if n_read:
            moved = change(state, site).double()
            about = {"source_feature": feature, "cell_id": state.cell_id, "n_positions": len(active), "n_read": n_read}
            rows.append(
                {
                    "source_sae": names.source_sae,
                    "source_layer": names.source_layer,
                    **about,
                    "activation_sum": float(active.double().sum()),
                    "activation_max": float(active.max()),
                    "change_sum": float(moved.sum()),
                    "displacement_norm": float(moved.square().sum().sqrt() * norms[feature]),
                }
            )
    return table_frame("trace_pair", rows)


def effect_frame(names: Names, states: list[SourceState], block: BlockEffects) -> pl.DataFrame:
    """Rows of effect_cell, by source feature, target layer and cell; a pair without an effect has no row."""
    cell_ids = torch.tensor([state.cell_id for state in states])
    frames = [_layer_frame(names, layer, values, block.pairs, cell_ids) for layer, values in block.values.items()]
    return pl.concat(frames).sort("source_feature", "target_layer", "cell_id")


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
        .with_columns(
            *(pl.lit(value).alias(name) for name, value in names.source.items()),
            target_sae=pl.lit(names.target_saes[layer]),
            target_layer=layer,
        )
        .filter(pl.col("targets").list.len() > 0)
    )


def _lists(flat: np.ndarray, counts: np.ndarray) -> pl.Series:
    """A list column from its concatenated entries and the length of every list."""
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return pl.Series(pa.LargeListArray.from_arrays(offsets, pa.array(flat)))


def effect_shards(folder: StepFolder, effect: str) -> list[Path]:
    """Shards of effect_cell in a trace's folder that hold effects of one kind, total or direct."""
    return [path for path in folder.shards("effect_cell") if path.stem.startswith(f"{effect}-")]


def companion_files(folder: StepFolder, effect: str) -> list[Path]:
    """Files of a trace's folder that hold effects of companions, in the form of effect_cell."""
    units = [unit for unit in sorted(folder.lines) if re.fullmatch(rf"{effect}-c\d+-k\d+", unit)]
    return [folder.file(measured_file(unit)) for unit in units]


def measured_file(unit: str) -> str:
    """Where a unit keeps effects that are in no table, relative to the step folder."""
    return f"measured/{unit}.parquet"


def read_effects(archive: list[Path], pairs: pl.DataFrame, sizes: dict[int, int]) -> BlockEffects:
    """Archived effects of all ``pairs``, rows of trace_pair sorted by feature and cell, in their order.

    ``archive`` are shards of effect_cell, ``sizes`` the features of every target layer. Pairs without a row had no
    effect; rows of other pairs are left aside. Cells of what comes back are named by cell_id, not by place.
    """
    key = ["source_feature", "cell_id"]
    numbered = pairs.select(key).with_row_index("row")
    values = {layer: torch.zeros(pairs.height, size) for layer, size in sizes.items()}
    lowest, highest = pairs["source_feature"].min(), pairs["source_feature"].max()
    for path in archive:
        block = pl.scan_parquet(path, glob=False).filter(pl.col("source_feature").is_between(lowest, highest)).collect()
        for layer, effects in values.items():
            found = block.filter(target_layer=layer).join(numbered, on=key, maintain_order="left")
            row = np.repeat(found["row"].to_numpy(), found["targets"].list.len().to_numpy())
            target = found["targets"].explode().drop_nulls().to_numpy().astype(np.int64)
            delta = found["deltas"].explode().drop_nulls().to_numpy()
            effects[torch.from_numpy(row.astype(np.int64)), torch.from_numpy(target)] = torch.from_numpy(delta.copy())
    feature = torch.from_numpy(pairs["source_feature"].to_numpy().astype(np.int64))
    cell = torch.from_numpy(pairs["cell_id"].to_numpy().astype(np.int64))
    return BlockEffects(Pairs(feature, cell, torch.full_like(feature, -1)), values)
