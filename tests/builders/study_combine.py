"""Rows of the combine step: two sets of features with invented effects, some of which do not add up."""

from typing import Any

import numpy as np
import polars as pl
import torch

from tasks.combine.cell import Effect
from tasks.combine.designed import MeasuredSet, ratio_row
from tasks.combine.sets import Combination, Intervention
from tasks.combine.settings import CombineSettings, DesignSettings
from tasks.combine.tables import combination_frame, effect_frame, read_effects, stat_frame
from tasks.sae import Sae
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_features import Layer

SETTINGS = CombineSettings(n_flips=500, fine_flips=500)
DESIGN = DesignSettings(layers=(0, 1), n_draws=99)


def combine_tables(world: World, saes: list[Layer], seed: int, n_cells: int = 14) -> dict[str, pl.DataFrame]:
    """The tables of the step, of sets with members before the last layer, read at the last."""
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
    found = {"combination": members, "combination_effect": effects, "combination_stat": pl.concat(stats)}
    parts = [(each, effects.filter(combination=each.name), table) for each, table in zip(sets, stats, strict=True)]
    ratios = [_ratio(number, *part, cells, target) for number, part in enumerate(parts)]
    return {**found, "combination_ratio": contract_frame("combination_ratio", ratios), **_contrast(last)}


def _ratio(
    number: int, each: Combination, effects: pl.DataFrame, stats: pl.DataFrame, cells: list[int], target: Sae
) -> dict[str, Any]:
    measured = MeasuredSet(number, each, target, read_effects(effects, each, cells, target.n_features))
    return {**ratio_row(SETTINGS, DESIGN, measured, stats), "q": 1.0}


def _contrast(last: Layer) -> dict[str, pl.DataFrame]:
    """One comparison, of sets that the study does not have."""
    about = {"target_sae": last.sae_id, "target_layer": last.layer, "measure": "ratio"}
    kinds = {"first": "pathway", "second": "random", "n_first": 4, "n_second": 4, "exact": True, "n_draws": 70}
    figures = {"median_first": 0.54, "median_second": 0.53, "difference": 0.01, "null_sd": 0.02, "p": 0.6, "q": 0.6}
    nothing = {"published_odds_ratio": None, "published_p": None}
    return {"combination_contrast": contract_frame("combination_contrast", [{**about, **kinds, **figures, **nothing}])}


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
