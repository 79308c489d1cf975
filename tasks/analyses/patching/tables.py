"""Rows of the tables that all features of a layer share, from tested differences and pooled published sums."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.published import N_OWN
from tasks.trace.controls import DIRECTIONS

Row = dict[str, Any]
PAIRED = "paired"
LEVEL = 0.05
EFFECTS = {"published_geneformer": "logit", "published_scgpt": "displacement"}
MEASURED = ("n_units", "difference", "sd", "per_unit", "elsewhere", "kl", "p", "q", "p_direction", "family")
OF_CONTROL = ("n_cells", "n_units", "target_effect", "other_effect", "difference", "sd", "per_unit", "kl", "p")


def specificity(target: float, other: float) -> float | None:
    """|target| / |other|, as published; None where the other effect is 0."""
    return abs(target) / abs(other) if other else None


def patch_rows(real: Sequence[Row], published: Mapping[str, pl.DataFrame], effect: str) -> list[Row]:
    """causal_patch behind sae_id and what is known of features: the paired test's rows, then those of each rule."""
    rows = [
        {"rule": PAIRED, "effect": effect, **{name: row[name] for name in ("target_kind", "feature", "n_cells")}}
        | {name: row[name] for name in ("target_effect", "other_effect", *MEASURED)}
        for row in real
    ]
    for rule, frame in published.items():
        about = {"rule": rule, "effect": EFFECTS[rule], "target_kind": "own", **dict.fromkeys(MEASURED)}
        rows += [{**about, **row} for row in frame.to_dicts()]
    return [{**row, "specificity": specificity(row["target_effect"], row["other_effect"])} for row in rows]


def with_features(
    rows: Iterable[Row], patched: Sequence[Patched], genes: Mapping[tuple[str, int], list[int]]
) -> list[Row]:
    """The rows with place, label and counts of their features; ``genes``: targets by kind and feature."""
    place = {one.feature: (number, one) for number, one in enumerate(patched)}
    found = []
    for row in rows:
        number, one = place[row["feature"]]
        about = {"place": number, "label": one.term, "n_annotations": one.n_annotations, "frequency": one.frequency}
        found.append({**row, **about, "n_genes": len(genes[row["target_kind"], one.feature])})
    return found


def gene_rows(
    rows: Iterable[Row], genes: Mapping[tuple[str, int], list[int]], symbol_of: Mapping[int, str]
) -> list[Row]:
    """causal_patch_gene behind sae_id: the target genes of all features with a row, in order."""
    there = sorted({(row["target_kind"], row["feature"]) for row in rows})
    return [
        {"target_kind": kind, "feature": feature, "rank": rank, "symbol": symbol_of[token]}
        for kind, feature in there
        for rank, token in enumerate(genes[kind, feature], start=1)
    ]


def control_rows(tested: Iterable[Row], matched: Mapping[int, int]) -> list[Row]:
    """patch_control behind sae_id."""
    return [
        {
            **{name: row[name] for name in ("target_kind", "feature", *OF_CONTROL)},
            "control": row["treatment"],
            "matched_feature": matched[row["feature"]] if row["treatment"] == "frequency_matched" else None,
        }
        for row in tested
        if row["treatment"] != "real"
    ]


def summary_rows(rows: Sequence[Row], tested: Sequence[Row]) -> list[Row]:
    """causal_patch_summary behind sae_id, one row a rule and kind of targets."""
    found = []
    for rule, kind in sorted({(row["rule"], row["target_kind"]) for row in rows}):
        own = [row for row in rows if (row["rule"], row["target_kind"]) == (rule, kind)]
        drawn = [row for row in tested if row["target_kind"] == kind and row["treatment"] in DIRECTIONS]
        paired = rule == PAIRED
        found.append(
            {
                "rule": rule,
                "target_kind": kind,
                **ratios([row["specificity"] for row in own]),
                "n_cells": max(row["n_cells"] for row in own),
                "n_features": len(own),
                "mean_target_effect": float(np.mean([row["target_effect"] for row in own])),
                "mean_other_effect": float(np.mean([row["other_effect"] for row in own])),
                "mean_difference": float(np.mean([row["difference"] for row in own])) if paired else None,
                "n_significant": sum(row["q"] <= LEVEL for row in own) if paired else None,
                "n_beyond": sum((row["p_direction"] or 1.0) <= LEVEL for row in own) if paired else None,
                "called_share": _called(own) if paired else None,
                "control_called_share": _called(drawn) if paired else None,
            }
        )
    return found


def ratios(values: Sequence[float | None]) -> Row:
    """Mean and median of the ratios that there are, and how many lie above 2 and 5."""
    known = np.array([value for value in values if value is not None])
    return {
        "mean_specificity": float(known.mean()) if known.size else None,
        "median_specificity": float(np.median(known)) if known.size else None,
        "n_above_2": int((known > 2).sum()),
        "n_above_5": int((known > 5).sum()),
    }


def _called(rows: Sequence[Row]) -> float | None:
    """Share of rows with p <= LEVEL."""
    return float(np.mean([row["p"] <= LEVEL for row in rows])) if rows else None


def published_genes(one: Patched) -> list[int]:
    """Genes of targets own, best first."""
    return list(one.published[:N_OWN])
