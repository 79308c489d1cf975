"""Rows of the combine step: two sets of features with invented effects, some of which do not add up."""

import numpy as np
import polars as pl
import torch

from tasks.combine.cell import Effect
from tasks.combine.sets import Combination, Intervention
from tasks.combine.settings import CombineSettings
from tasks.combine.tables import combination_frame, effect_frame, read_effects, stat_frame
from tasks.sae import Sae
from tests.builders.study_cells import World
from tests.builders.study_features import Layer

SETTINGS = CombineSettings(n_flips=500, fine_flips=500)


def combine_tables(world: World, saes: list[Layer], seed: int, n_cells: int = 14) -> dict[str, pl.DataFrame]:
    """combination, combination_effect and combination_stat of members before the last layer, read at the last."""
    rng = np.random.default_rng([seed, 77])
    cells = sorted(world.cells.filter(pl.col("chosen"))["cell_id"].to_list())[:n_cells]
    *before, last = saes
    sets = [_pair(f"set-{number}", before, rng) for number in (1, 2)]
    target = _sae(last)
    found = (effect_frame(_effects(each, last, rng), cell, {last.layer: target}) for cell in cells for each in sets)
    effects = pl.concat(found)
    stats = [
        stat_frame(
            each,
            number,
            read_effects(effects.filter(combination=each.name), each, cells, target.n_features),
            target,
            SETTINGS,
        )
        for number, each in enumerate(sets)
    ]
    measured = {each.name: cells for each in sets}
    members = combination_frame(sets, measured, {each.layer: _sae(each) for each in saes})
    return {"combination": members, "combination_effect": effects, "combination_stat": pl.concat(stats)}


def _pair(name: str, layers: list[Layer], rng: np.random.Generator) -> Combination:
    features = rng.choice(_size(layers[0]), 2, replace=False)
    members = [Intervention(layers[at % len(layers)].layer, int(each), 0.0) for at, each in enumerate(features)]
    return Combination(name, tuple(sorted(members)), drawn=name == "set-2")


def _effects(each: Combination, target: Layer, rng: np.random.Generator) -> list[Effect]:
    """Single effects on eight targets of ten; together their sum, and half as much again on the first four."""
    single = [_sparse(_size(target), rng) for _ in each.members]
    joint = sum(single) * torch.where(torch.arange(_size(target)) < 4, 1.5, 1.0)
    values = [*single, joint]
    return [Effect(each.name, subset, target.layer, value) for subset, value in zip(each.subsets, values, strict=True)]


def _sparse(n_features: int, rng: np.random.Generator) -> torch.Tensor:
    values = rng.normal(0.4, 0.3, n_features) * (rng.random(n_features) < 0.8) * (np.arange(n_features) < 10)
    return torch.from_numpy(values.astype(np.float32))


def _sae(layer: Layer) -> Sae:
    """What the tables ask of an autoencoder: its name, layer and size."""
    weights = torch.zeros(1, _size(layer))
    return Sae(layer.sae_id, "", layer.layer, 1, weights, weights[0], weights.T, weights[0, :1])


def _size(layer: Layer) -> int:
    return int(layer.codes.shape[1])
