"""Tables combination, combination_effect and combination_stat."""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.combine.cell import Effect
from tasks.combine.interactions import interaction
from tasks.combine.sets import Combination, Subset, label
from tasks.combine.settings import CombineSettings
from tasks.sae import Sae
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.moments import moments
from tasks.statistics.permutation import permute
from tasks.store import table_frame
from tasks.trace.significance.pair_tests import FeatureEffects, tests_frame


def combination_frame(
    combinations: list[Combination], cells: dict[str, list[int]], saes: dict[int, Sae]
) -> pl.DataFrame:
    """Rows of combination; ``cells`` are those in which each set is measured."""
    rows = []
    for each in combinations:
        n_cells = len(cells[each.name])
        for number, intervention in enumerate(each.members, start=1):
            member = {"member": number, "sae_id": saes[intervention.layer].sae_id, **asdict(intervention)}
            del member["along"]  # every member's is the control of the set
            about = {"drawn": each.drawn, "design": each.design, "pathway": each.pathway, "control": each.control}
            rows.append({"combination": each.name, **member, **about, "n_cells": n_cells})
    return table_frame("combination", rows)


def effect_frame(effects: Iterable[Effect], cell_id: int, targets: dict[int, Sae]) -> pl.DataFrame:
    """Rows of combination_effect of one cell; a condition without an effect on a layer has none."""
    rows = []
    for each in effects:
        at = each.values.nonzero().flatten()
        rows.append(
            {
                "combination": each.combination,
                "members": label(each.subset),
                "target_sae": targets[each.layer].sae_id,
                "target_layer": each.layer,
                "cell_id": cell_id,
                "targets": at.tolist(),
                "deltas": each.values[at].tolist(),
            }
        )
    frame = table_frame("combination_effect", rows)
    return frame.filter(pl.col("targets").list.len() > 0).sort("combination", "target_layer", "members")


def read_effects(
    archive: pl.DataFrame, combination: Combination, cells: list[int], n_features: int
) -> dict[Subset, Tensor]:
    """Effects float32 [n cells, F] of every subset of a set; ``archive`` are its rows on one target layer."""
    place = {cell: row for row, cell in enumerate(cells)}
    effects = {subset: torch.zeros(len(cells), n_features) for subset in combination.subsets}
    by_label = {label(subset): values for subset, values in effects.items()}
    for members, cell, targets, deltas in archive.select("members", "cell_id", "targets", "deltas").iter_rows():
        by_label[members][place[cell], torch.tensor(targets)] = torch.tensor(deltas)
    return effects


def stat_frame(
    combination: Combination, number: int, effects: dict[Subset, Tensor], target: Sae, settings: CombineSettings
) -> pl.DataFrame:
    """Rows of combination_stat of set ``number`` on one target layer: the effects, then the interactions.

    q is Benjamini-Hochberg over the target features of a set, kind, subset and target layer.
    """
    kinds = [("effect", subset, values) for subset, values in effects.items()]
    joint = [subset for subset in effects if len(subset) > 1]
    kinds += [("interaction", subset, interaction(effects, subset, settings.floor)) for subset in joint]
    parts: list[pl.DataFrame] = []
    for kind, subset, values in kinds:
        tests = _tests(values, target.layer, settings, [settings.seed, number, target.layer, len(parts)])
        names = {"combination": combination.name, "kind": kind, "members": label(subset), "target_sae": target.sae_id}
        parts.append(
            tests.with_columns(
                *(pl.lit(text).alias(name) for name, text in names.items()),
                pl.Series("q", benjamini_hochberg(tests["p"].to_numpy())),
                n_members=len(subset),
            )
        )
    return pl.concat(parts).drop("source_feature")


def _tests(values: Tensor, layer: int, settings: CombineSettings, seed: list[int]) -> pl.DataFrame:
    """Statistics of values [n cells, F] on the features of a target layer that have any."""
    live = values.any(0)
    targets = live.nonzero().flatten().numpy().astype(np.uint32)
    part = FeatureEffects(0, np.full(len(targets), layer, np.uint16), targets, values[:, live])
    permuted = permute(part.values, settings.n_flips, settings.fine_flips, seed)
    return tests_frame(part, moments(part.values), permuted)
