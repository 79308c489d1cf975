"""Edges: the pairs of features in trace folders that a rule calls."""

from pathlib import Path
from typing import Any

import polars as pl

from tasks.store import ScfmError, StepFolder, table_frame

EDGE = ["source_sae", "source_feature", "target_sae", "target_feature", "g"]
SPECIFIC, CALIBRATED = "specific", "calibrated"


def rule_of(traces: list[Path], wanted: str) -> str:
    """The ``wanted`` rule; calibrated where specific is wanted and some trace measured no displacements for it."""
    if wanted != SPECIFIC:
        return wanted
    known = [SPECIFIC in StepFolder.open(trace).read_table("criterion")["criterion"] for trace in traces]
    return SPECIFIC if all(known) else CALIBRATED


def called_edges(traces: list[Path], effect: str, rule: str) -> pl.DataFrame:
    """Edges of all ``traces`` (one folder a source layer) by ``rule``, in the columns of EDGE, sorted by their key."""
    frames = [_edges_of(trace, effect, rule) for trace in traces]
    return pl.concat([no_edges(), *frames]).sort(EDGE[:4])


def no_edges() -> pl.DataFrame:
    """No rows in the columns of EDGE."""
    return table_frame("edge_stat", []).select(EDGE)


def _edges_of(trace: Path, effect: str, rule: str) -> pl.DataFrame:
    folder = StepFolder.open(trace)
    shards = folder.shards("edge_stat")
    if not shards:
        return no_edges()
    measured = pl.scan_parquet(shards, glob=False).filter(pl.col("effect") == effect)
    return measured.filter(_called(_rule(folder, rule))).select(EDGE).collect()


def _rule(folder: StepFolder, name: str) -> dict[str, Any]:
    rules = folder.read_table("criterion").filter(pl.col("criterion") == name).to_dicts()
    if len(rules) != 1:
        raise ScfmError(f"{folder.path} holds {len(rules)} criteria named {name}, not one: trace this layer anew")
    return rules[0]


def _called(rule: dict[str, Any]) -> pl.Expr:
    """A symmetric rule: |g| and sign agreement above their floors, q at most q_max, enough responding cells.

    Comparisons are in double precision, as in the warehouse, so that both call the same edges.
    """
    responding = pl.col("n_pos").cast(pl.Float64) + pl.col("n_neg")
    agreement = pl.max_horizontal("n_pos", "n_neg") / responding  # NaN without a responding cell: never called
    q = pl.col("q_specific" if rule.get("controlled") else "q")
    called: pl.Expr = (
        (pl.col("g").cast(pl.Float64).abs() > rule["effect_min"])
        & (responding >= max(rule["nonzero_min"], 1))
        & (agreement > rule["consistency_min"])
        & (q <= (1.0 if rule["q_max"] is None else rule["q_max"]))
    )
    return called
