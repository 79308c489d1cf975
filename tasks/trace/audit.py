"""Table precision_audit: what reduced precision changes, measured on a sample of the source features.

1. Traced features are sorted by their out-degree under the published rule and cut into equal strata; one of each is
   measured again in float32, in all cells.
2. Over pairs live in either measurement: differences of d, edges of the published rule in both against in either, mean
   effects of opposite sign, and the rank correlation of out-degrees.
"""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.causal.effects import BlockEffects
from tasks.statistics.moments import Moments, moments
from tasks.store import table_frame
from tasks.trace.controls import draw_sample
from tasks.trace.names import Names
from tasks.trace.significance.rules import Rule
from tasks.trace.significance.sweep import rank_correlation
from tasks.trace.units import Units, cases


@dataclass(frozen=True)
class Compared:
    """Of one source feature and T targets live in either measurement, reduced beside exact.

    ``d`` is |difference of d| [T]; ``edges`` bool [2, T]; ``disagree`` counts mean effects of opposite sign.
    """

    d: Tensor
    edges: Tensor
    disagree: int


def audited_features(degrees: dict[int, int], fraction: float, seed: list[int]) -> Tensor:
    """At least ``fraction`` of the features int64, stratified by their out-degree."""
    return torch.tensor(list(draw_sample(degrees, math.ceil(fraction * len(degrees)), seed)))


def audit_frame(
    names: Names,
    precision: str,
    rule: Rule,
    reduced: BlockEffects,
    exact: BlockEffects,
    units: Units | None = None,
) -> pl.DataFrame:
    """Rows of precision_audit: two measurements of the same pairs, edges by ``rule``."""
    rows = []
    for layer, sae in names.target_saes.items():
        low, high, cells = reduced.values[layer], exact.values[layer], exact.pairs.cell
        parts = [
            compare(cases(low[at], cells[at], units), cases(high[at], cells[at], units), rule)
            for at in map(exact.pairs.of_feature, torch.unique(exact.pairs.feature).tolist())
        ]
        about = {"target_sae": sae, "target_layer": layer, "precision": precision, "n_features": len(parts)}
        rows.append({**names.source, **about, **_figures(parts)})
    return table_frame("precision_audit", rows)


def compare(reduced: Tensor, exact: Tensor, rule: Rule) -> Compared:
    """Compare effects [n, F] of one source feature in n cases."""
    live = reduced.any(0) | exact.any(0)
    pair = [moments(each[:, live]) for each in (reduced, exact)]
    edges = torch.stack([_edges(each, rule) for each in pair])
    return Compared((pair[0].d - pair[1].d).abs(), edges, int((pair[0].mean * pair[1].mean < 0).sum()))


def _edges(found: Moments, rule: Rule) -> Tensor:
    return rule.passes(found.g if rule.symmetric else found.d, found.n_pos, found.n_neg, found.n)


def _figures(parts: list[Compared]) -> dict[str, float | None]:
    d = np.concatenate([part.d.numpy() for part in parts])
    edges = torch.cat([part.edges for part in parts], dim=1)
    either = int(edges.any(0).sum())
    degrees = np.array([part.edges.sum(1).tolist() for part in parts], dtype=np.float64)
    return {
        "n_tests": len(d),
        "max_d_difference": float(d.max()) if len(d) else 0.0,
        "p999_d_difference": float(np.quantile(d, 0.999)) if len(d) else 0.0,
        "edge_jaccard": int(edges.all(0).sum()) / either if either else None,
        "n_sign_disagreements": sum(part.disagree for part in parts),
        "degree_rho": rank_correlation(degrees[:, 0], degrees[:, 1]),
    }
