"""Where the features of the intervened layers are active in the undisturbed cells, and the sets that follow from it."""

from collections.abc import Iterable

import numpy as np
import polars as pl
import torch

from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.combine.sets import Combination, Intervention
from tasks.combine.settings import CombineSettings
from tasks.models import Adapter
from tasks.models.batches import Batch
from tasks.store import RequestError

SCHEMA = {"cell_id": pl.UInt32, "layer": pl.UInt16, "feature": pl.UInt32, "n_positions": pl.UInt16}


@torch.inference_mode()
def cell_activity(adapter: Adapter, encoders: dict[int, TiledEncoder], cell_id: int, cell: Batch) -> pl.DataFrame:
    """In how many positions of one cell every active feature of the encoders' layers is active."""
    genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    parts = []
    for layer, state in enumerate(adapter.blocks(adapter.embed(cell), 0, max(encoders) + 1)):
        if layer in encoders:
            sites = Sites.of(encoders[layer].encode(state[0, genes]), genes)
            columns = {"feature": sites.features.numpy(), "n_positions": sites.offsets.diff().numpy()}
            parts.append(pl.DataFrame(columns).with_columns(cell_id=cell_id, layer=layer))
    return pl.concat(parts).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def choose_sets(settings: CombineSettings, activity: pl.DataFrame, n_cells: int) -> list[Combination]:
    """The named sets, then the drawn ones. Raises RequestError if one is active as a whole in fewer than 2 cells."""
    chosen = [*_named(settings), *_drawn(settings, activity, n_cells)]
    for each in chosen:
        cells = common_cells(each, activity)
        if len(cells) < 2:
            raise RequestError(
                f"combine: all members of {each.name} are active together in {len(cells)} of {n_cells} cells, 2 are "
                f"needed: choose features that fire more often (feature.frequency), or more cells (combine.n_cells)"
            )
    return chosen


def common_cells(combination: Combination, activity: pl.DataFrame) -> list[int]:
    """Cells, ascending, in which every member is active."""
    cells = [
        set(activity.filter(layer=each.layer, feature=each.feature)["cell_id"].to_list())
        for each in combination.members
    ]
    return sorted(set.intersection(*cells))


def _named(settings: CombineSettings) -> Iterable[Combination]:
    for each in settings.sets:
        members = (Intervention(member.layer, member.feature, member.multiplier) for member in each.members)
        yield Combination(each.name, tuple(sorted(members)), drawn=False)


def _drawn(settings: CombineSettings, activity: pl.DataFrame, n_cells: int) -> Iterable[Combination]:
    """Ablations of one feature a layer, drawn among those that are active in so many cells that they must meet."""
    if not settings.drawn:
        return
    layers = sorted(settings.layers)
    enough = n_cells * (1 - 1 / len(layers)) + 1  # then fewer than n - m cells lack any of m members
    often = activity.group_by("layer", "feature").len().filter(pl.col("len") > enough).sort("layer", "feature")
    rng = np.random.default_rng([settings.seed, 1])
    orders = [rng.permutation(often.filter(layer=layer)["feature"].to_numpy()) for layer in layers]
    for layer, order in zip(layers, orders, strict=True):
        if not len(order):
            raise RequestError(
                f"combine.layers: no feature of layer {layer} is active in more than {enough:.0f} of {n_cells} cells: "
                f"leave the layer out"
            )
    for number in range(settings.drawn):
        picks = (int(order[number % len(order)]) for order in orders)
        members = tuple(Intervention(layer, feature, 0.0) for layer, feature in zip(layers, picks, strict=True))
        yield Combination(f"drawn-{number + 1:03d}", members, drawn=True)
