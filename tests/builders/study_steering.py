"""Rows of the steering step: early cells of an invented trajectory, seven features a layer, what they do to them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tasks.analyses.steering.aggregate import corrected, summarise
from tasks.analyses.steering.findings import findings
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import MARKERS, World
from tests.builders.study_features import Layer

N_STEERED, MIN_CELLS = 8, 4
READOUTS = ("marker", "probability", "pseudotime", "signature", "signature_centred")
KINDS = ("ON", "ON", "ON", "ON", "OFF", "OFF", "OFF")
Tables = dict[str, pl.DataFrame]


def steering_tables(world: World, saes: Sequence[Layer], seed: int = 0) -> Tables:
    """All tables of the step; of the last layer, what probes say is degenerate."""
    rng = np.random.default_rng([seed, 55])
    cells = _cells(world, rng)
    panel = pl.concat([_panel(one, rng) for one in saes[-2:]])
    steered = cells.filter("steered")["cell_id"].to_list()
    values = pl.concat([_values(row, steered, rng) for row in panel.iter_rows(named=True)])
    summary = summarise(values, saes[-1].layer)
    told = (pl.col("arm") == "feature") & ~pl.col("degenerate") & (pl.col("readout") != "signature")
    tested = pl.when(told).then(pl.Series(rng.random(summary.height)))
    summary = corrected(summary.with_columns(p=tested), "p", "q", pl.lit(value=True))
    own = {"steering_cell": cells, "steering_feature": panel, "steering_value": values}
    about = {"probe": _probes(), "signature": _signature(world, rng), "marker_gene": _markers(world)}
    every = own | findings(summary, MIN_CELLS, seed) | about
    return {table: contract_frame(table, frame) for table, frame in every.items()}


def _cells(world: World, rng: np.random.Generator) -> pl.DataFrame:
    chosen = world.cells.filter("chosen").sort("cell_id")
    time = np.sort(rng.random(chosen.height))
    place = np.arange(chosen.height) / chosen.height
    stage = np.where(place < 1 / 3, "early", np.where(place > 2 / 3, "late", "between"))
    role = np.arange(chosen.height) % 3
    steered = (role == 2) & (stage == "early")
    columns = {"pseudotime": time, "stage": stage, "chooses": role == 0, "fits": role == 1}
    first = steered & (np.cumsum(steered) <= N_STEERED)
    return pl.DataFrame({"cell_id": chosen["cell_id"], **columns, "steered": first})


def _panel(layer: Layer, rng: np.random.Generator) -> pl.DataFrame:
    size = np.sort(rng.uniform(0.5, 1.2, len(KINDS)))[::-1]
    rank = [KINDS[:place].count(kind) + 1 for place, kind in enumerate(KINDS)]
    rows = [
        {"sae_id": layer.sae_id, "layer": layer.layer, "feature": feature, "kind": kind, "rank": rank[feature - 1]}
        | {"d": float(size[feature - 1]) * (1 if kind == "ON" else -1), "share_active": 0.4, "partner": feature + 8}
        for feature, kind in enumerate(KINDS, start=1)
    ]
    return contract_frame("steering_feature", rows)


def _values(feature: dict[str, object], cells: list[int], rng: np.random.Generator) -> pl.DataFrame:
    rows = []
    arms = {"feature": (1.5, 2.0, 3.0, 5.0) if feature["rank"] == 1 else (2.0, 5.0)}
    arms |= dict.fromkeys(("matched", "random", "signs", "covariance", "reconstruction", "zero"), (2.0, 5.0))
    for arm, multipliers in arms.items():
        for readout in READOUTS:
            push = (1.0 if arm == "feature" else 0.2) * (1 if feature["kind"] == "ON" else -1) * rng.uniform(0.5, 1.5)
            for multiplier in multipliers:
                drawn = 0.01 * (multiplier - 1) * (push + rng.normal(size=len(cells))) * (arm != "zero")
                known = {name: feature[name] for name in ("sae_id", "layer", "feature", "kind")}
                known |= {"arm": arm, "multiplier": multiplier, "readout": readout}
                known |= {"dose": 0.1 * (multiplier - 1) * (arm != "zero")}
                rows += [
                    known | {"place": place, "cell_id": cell, "value": float(drawn[place])}
                    for place, cell in enumerate(cells)
                ]
    return contract_frame("steering_value", rows)


def _probes() -> pl.DataFrame:
    about = {"sd": 0.05, "null_mean": 0.5, "null_high": 0.62, "unit": "cell", "n_folds": 5, "n_cells": 48}
    rows = [
        {"readout": name, "metric": "r2" if name == "pseudotime" else "auc", "value": 0.8, **about}
        | {"n_early": 16, "n_late": 16}
        for name in READOUTS
    ]
    return contract_frame("probe", rows)


def _signature(world: World, rng: np.random.Generator) -> pl.DataFrame:
    gene_id = world.genes["gene_id"].sort()
    early, late = rng.normal(size=(2, len(gene_id)))
    return pl.DataFrame({"gene_id": gene_id, "early": early, "late": late, "difference": late - early})


def _markers(world: World) -> pl.DataFrame:
    rows = []
    for panel, kind in (("early", "Monocyte"), ("late", "T cell")):
        genes = world.genes.filter(pl.col("symbol").is_in(MARKERS[kind])).select("symbol", "gene_id")
        rows.append(genes.with_columns(panel=pl.lit(panel), known=pl.lit(value=True)))
    return contract_frame("marker_gene", pl.concat(rows))
