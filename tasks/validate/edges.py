"""Edges: the pairs of features in a trace folder that the calibrated rule calls."""

from pathlib import Path

import polars as pl

from tasks.store import ScfmError, StepFolder

EDGE_SCHEMA = pl.Schema(
    {
        "source_sae": pl.String(),
        "source_feature": pl.UInt32(),
        "target_sae": pl.String(),
        "target_feature": pl.UInt32(),
        "g": pl.Float32(),
    }
)
CALIBRATED = "calibrated"


def calibrated_edges(traces: list[Path], effect: str) -> pl.DataFrame:
    """Edges of all ``traces`` (one folder a source layer), in the columns of EDGE_SCHEMA, sorted by their key."""
    frames = [_edges_of(trace, effect) for trace in traces]
    return pl.concat([EDGE_SCHEMA.to_frame(), *frames]).sort(EDGE_SCHEMA.names()[:4])


def _edges_of(trace: Path, effect: str) -> pl.DataFrame:
    folder = StepFolder.open(trace)
    shards = folder.shards("edge_stat")
    if not shards:
        return EDGE_SCHEMA.to_frame()
    measured = pl.scan_parquet(shards).filter(pl.col("effect") == effect)
    return measured.filter(_called(folder)).select(EDGE_SCHEMA.names()).collect()


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
