"""The work of step ``controls``: rows of trace_control, feature by feature, as one row for each control.

With r_f the edges that ablating feature f makes and c_f those of its control, by the same count:

    excess      (sum r - sum c) / sum r, with an interval over features. 1: the control makes no edge; 0: as many.
    statistic   Wilcoxon's of r - c, the smaller sum of ranks; p two-sided. Features are the units.
    rho         Spearman's correlation of r and c: whether features with many edges have controls with many.
    reached     share of features whose control makes as many edges, or more.

The published control is ``published_noise``, and 94 % of edges were called specific by its excess. Its vectors are
drawn anew at every position of every cell: means over positions and cells cancel them by design, while the ablation
pushes one way everywhere. The excess is then an upper bound, however generic the effect. Over a control of one fixed
direction it is none.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import spearmanr, wilcoxon

from tasks.analyses.controls.step import ControlsSettings
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.fieller import ratio_limits
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame

Floats = NDArray[np.float64]
Row = dict[str, Any]
UNIT = "controls"
KEY = ["effect", "source_sae", "control"]
FEWEST = 6  # features that differ from their controls: fewer can give no p of 0.05


def sum_up_controls(settings: ControlsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold every control of one source layer against the ablations."""
    if not out.has(UNIT):
        measured = StepFolder.open(inputs.layers("trace")[inputs.own_layer]).read_table("trace_control")
        rows = summary_rows(measured, settings.n_draws, [settings.seed, inputs.own_layer])
        with out.unit(UNIT) as unit:
            unit.table("control_summary", table_frame("control_summary", rows).sort(KEY))
    found = out.read_table("control_summary")
    return {"layer": inputs.own_layer, "n_controls": found.height}


def summary_rows(measured: pl.DataFrame, n_draws: int, seed: list[int]) -> list[Row]:
    """Rows of control_summary from those of trace_control; a zero displacement makes no edge, so it is not tested."""
    of_feature = ["effect", "source_sae", "source_feature"]
    own = measured.filter(control="real").select(*of_feature, real="n_edges")
    both = own.join(measured.filter(pl.col("control") != "real"), on=of_feature).sort(*KEY, "source_feature")
    rows: list[Row] = []
    for key, part in both.group_by(KEY, maintain_order=True):
        real, control = (part[name].to_numpy().astype(np.float64) for name in ("real", "n_edges"))
        found = compared(real, control, n_draws, [*seed, len(rows)])
        if key[-1] == "zero":
            found |= {"statistic": None, "p": None}
        rows.append(dict(zip(KEY, key, strict=True)) | found)
    tested = [row for row in rows if row["p"] is not None]
    q = benjamini_hochberg(np.array([row["p"] for row in tested])) if tested else np.zeros(0)
    by_row = dict(zip(map(id, tested), q.tolist(), strict=True))
    return [{**row, "q": by_row.get(id(row))} for row in rows]


def compared(real: Floats, control: Floats, n_draws: int, seed: list[int]) -> Row:
    """The figures of one control: edges ``real`` [n] and ``control`` [n] of the same features."""
    low, high = interval(real, control, n_draws, seed)
    statistic, p = signed_ranks(real, control)
    varies = len(real) > 2 and np.ptp(real) > 0 and np.ptp(control) > 0
    return {
        "n_features": len(real),
        "real_mean": float(real.mean()),
        "control_mean": float(control.mean()),
        "real_median": float(np.median(real)),
        "control_median": float(np.median(control)),
        "excess": excess(real, control),
        "low": low,
        "high": high,
        "statistic": statistic,
        "p": p,
        "rho": float(spearmanr(real, control).statistic) if varies else None,
        "reached": float((control >= real).mean()),
    }


def excess(real: Floats, control: Floats) -> float | None:
    """Share of the edges that the control does not make; None where there are none."""
    return float(1 - control.sum() / real.sum()) if real.sum() else None


def interval(real: Floats, control: Floats, n_draws: int, seed: list[int]) -> tuple[float | None, float | None]:
    """95 % interval of the excess over features (``fieller``): 1 less that of sum c / sum r, which is 0 at least.

    None of both where the features are one or all have one ratio; no low end where too few have edges to tell it.
    """
    if not real.sum():
        return None, None
    least, most = ratio_limits(control, real, n_draws, seed)
    if least is None and most is None:
        return None, None
    return None if most is None else 1 - most, 1 - max(least or 0.0, 0.0)


def signed_ranks(real: Floats, control: Floats) -> tuple[float | None, float | None]:
    """Wilcoxon's statistic and p of features that differ from their control; None with fewer than FEWEST of them.

    Exact where no two differences are of one size, and there are at most 50; else by the normal law, ties allowed for.
    """
    apart = (real - control)[real != control]
    if len(apart) < FEWEST:
        return None, None
    exact = len(apart) <= 50 and len(np.unique(np.abs(apart))) == len(apart)
    found = wilcoxon(apart, method="exact" if exact else "approx")
    return float(found.statistic), float(found.pvalue)
