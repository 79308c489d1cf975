"""A published whole model in size: a catalogue of every layer's features, and as many measured pairs as asked for.

One layer's catalogue is counted from invented cells and stands under every layer's name. Per-cell effects are archived
with a few targets each: their number of rows is a real one, their size is not. A further run that differs in one
analysis is made by asking for other gene sets or for modules: all other step folders are found and taken as they are.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.store import StepFolder, content_key
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import criterion_frame, degree_frame
from tasks.trace.significance.rules import rules
from tests.builders import study_features
from tests.builders.contract_frames import contract_frame
from tests.builders.large_catalogue import write_catalogue
from tests.builders.large_edges import Fan, edge_shards
from tests.builders.study_cells import World, make_world
from tests.builders.study_shards import run_row

SOURCE_LAYERS = (0, 5, 11)
ARCHIVED = 3  # targets of an archived effect


def make_large_study(
    root: Path,
    n_rows: int,
    *,
    seed: int = 0,
    n_layers: int = 18,
    n_features: int = 4608,
    gene_sets: int = 0,
    modules: bool = False,
    notify: Callable[[int], None] = lambda _rows: None,
) -> tuple[dict[str, Any], list[Path]]:
    """Write step folders with about ``n_rows`` rows of edge_stat below ``root``; ``notify(rows)`` after each shard.

    ``gene_sets`` other than 0 has features annotated with others; ``modules`` adds a step that groups features.
    Returns the row of table ``run`` and the folders. The same arguments give the same rows.
    """
    study = {"seed": seed, "rows": n_rows, "layers": list(range(n_layers)), "n_features": n_features}
    world = make_world(seed, 160, max(80, n_features // 2), 30)
    layer = study_features.make_layer(world, "model", 0, n_features, seed)
    saes = {number: f"L{number:02d}-topk{n_features}-k4" for number in range(n_layers)}
    folders = write_catalogue(root, study, world, layer, saes, gene_sets=gene_sets, modules=modules)
    alive = np.flatnonzero(layer.codes.any(0))
    traced = [number for number in SOURCE_LAYERS if number < n_layers - 1]
    direct = traced[-1]  # the layer that is traced both ways
    spokes = sum(n_layers - 1 - number for number in (*traced, direct))
    for number in traced:
        later = {target: sae for target, sae in saes.items() if target > number}
        per_pair = max(1, min(round(n_rows / spokes / len(alive)), len(alive)))
        fan = Fan(saes[number], number, later, alive, alive, per_pair, seed)
        effects = ("total", "direct") if number == direct else ("total",)
        folders.append(_write_trace(root, study, world, fan, effects, notify))
    row = run_row({**study, "precision": "float32", "gene_sets": gene_sets, "modules": modules})
    return row | {"finished": row["finished"] + timedelta(hours=gene_sets + modules)}, folders


def _write_trace(
    root: Path,
    study: Any,
    world: World,
    fan: Fan,
    effects: tuple[str, ...],
    notify: Callable[[int], None],
) -> Path:
    folder = root / f"trace-{content_key({'large': study, 'layer': fan.source_layer})}"
    with StepFolder.create(folder) as out:
        for effect in effects if not out.done else ():
            for number, frame in enumerate(edge_shards(fan, effect)):
                with out.unit(f"{effect}-{number:04d}") as unit:
                    unit.table("edge_stat", frame)
                notify(frame.height)
        if not out.done:
            with out.unit("summary") as unit:
                unit.table("feature_degree", pl.concat(_degrees(folder, fan, effect) for effect in effects))
                unit.table("trace_pair", _pairs(world, fan))
                unit.table("effect_cell", _effects(world, fan))
                unit.table("criterion", criterion_frame(rules(TraceSettings()), TraceSettings()))
        out.finish()
    return folder


def _degrees(folder: Path, fan: Fan, effect: str) -> pl.DataFrame:
    names = Names(fan.source_layer, fan.source_sae, fan.target_saes, effect)
    edges = [folder / "tables" / "edge_stat" / f"{effect}-{number:04d}.parquet" for number, _ in fan.blocks()]
    return degree_frame(names, rules(TraceSettings()), edges, fan.sources.tolist())


def _pairs(world: World, fan: Fan) -> pl.DataFrame:
    """trace_pair: each source in as many held-out cells as its statistics say."""
    rng = np.random.default_rng([fan.seed, fan.source_layer, 2])
    cells = np.unique(world.cell_id[world.heldout])
    source = np.repeat(fan.sources, fan.n_cells)
    place = np.concatenate([np.arange(n) for n in fan.n_cells])
    positions = rng.integers(1, 40, len(source))
    sums = positions * rng.gamma(2.0, 1.0, len(source))
    columns = {
        "source_feature": source,
        "cell_id": cells[place],
        "n_positions": positions,
        "activation_sum": sums,
        "activation_max": sums / positions,
        "displacement_norm": sums,
        "n_read": positions,
        "change_sum": -sums,
    }
    frame = pl.DataFrame(columns).with_columns(source_sae=pl.lit(fan.source_sae), source_layer=pl.lit(fan.source_layer))
    return contract_frame("trace_pair", frame)


def _effects(world: World, fan: Fan) -> pl.DataFrame:
    """effect_cell: every source in every cell and target layer, with a few targets."""
    rng = np.random.default_rng([fan.seed, fan.source_layer, 3])
    pairs = _pairs(world, fan).select("source_sae", "source_layer", "source_feature", "cell_id")
    layers = pl.DataFrame({"target_layer": list(fan.target_saes), "target_sae": list(fan.target_saes.values())})
    frame = pairs.join(layers, how="cross").sort("source_feature", "target_layer", "cell_id")
    first = rng.integers(0, 1000, frame.height)[:, None]
    targets = pl.Series("targets", first + np.arange(ARCHIVED), dtype=pl.Array(pl.UInt32, ARCHIVED))
    deltas = pl.Series("deltas", rng.normal(size=(frame.height, ARCHIVED)), dtype=pl.Array(pl.Float64, ARCHIVED))
    frame = frame.with_columns(targets.arr.to_list(), deltas.arr.to_list(), effect=pl.lit("total"))
    return contract_frame("effect_cell", frame)
