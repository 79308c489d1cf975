"""Edges: the pairs of features in a trace folder that the calibrated rule calls."""

from pathlib import Path

import polars as pl

from tasks.store import ScfmError, StepFolder, table_frame

EDGE = ["source_sae", "source_feature", "target_sae", "target_feature", "g"]
CALIBRATED = "calibrated"


def calibrated_edges(traces: list[Path], effect: str) -> pl.DataFrame:
    """Edges of all ``traces`` (one folder a source layer), in the columns of EDGE, sorted by their key."""
    frames = [_edges_of(trace, effect) for trace in traces]
    return pl.concat([no_edges(), *frames]).sort(EDGE[:4])


def no_edges() -> pl.DataFrame:
    """No rows in the columns of EDGE."""
    return table_frame("edge_stat", []).select(EDGE)


def _edges_of(trace: Path, effect: str) -> pl.DataFrame:
    folder = StepFolder.open(trace)
    shards = folder.shards("edge_stat")
    if not shards:
        return no_edges()
    measured = pl.scan_parquet(shards, glob=False).filter(pl.col("effect") == effect)
    return measured.filter(_called(folder)).select(EDGE).collect()


def _called(folder: StepFolder) -> pl.Expr:
    """The calibrated rule: |g| and sign agreement above their floors, q at most q_max, enough responding cells.

    Comparisons are in double precision, as in the warehouse, so that both call the same edges.
    """
    rules = folder.read_table("criterion").filter(pl.col("criterion") == CALIBRATED).to_dicts()
    if len(rules) != 1:
        raise ScfmError(f"{folder.path} holds {len(rules)} criteria named {CALIBRATED}, not one: trace this layer anew")
    rule = rules[0]
    responding = pl.col("n_pos").cast(pl.Float64) + pl.col("n_neg")
    agreement = pl.max_horizontal("n_pos", "n_neg") / responding  # NaN without a responding cell: never called
    called: pl.Expr = (
        (pl.col("g").cast(pl.Float64).abs() > rule["effect_min"])
        & (responding >= max(rule["nonzero_min"], 1))
        & (agreement > rule["consistency_min"])
        & (pl.col("q") <= (1.0 if rule["q_max"] is None else rule["q_max"]))
    )
    return called
