"""Edges: the pairs of features in trace folders that a rule calls."""

from pathlib import Path

import polars as pl

from tasks.store import ScfmError, StepFolder, table_frame
from tasks.trace.ablation_settings import sense_of
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import Rule, applied, rule_of_row

EDGE = ["source_sae", "source_feature", "target_sae", "target_feature", "g"]


def rule_of(traces: list[Path], wanted: str) -> str:
    """The ``wanted`` rule; calibrated where specific is wanted and some trace measured no displacements for it."""
    known = [set(StepFolder.open(trace).read_table("criterion")["criterion"]) for trace in traces]
    return applied(wanted, set.intersection(*known)) if known else wanted


def sense(traces: list[Path]) -> int:
    """Sign of an effect through which a source supports its target, 0 if the ablation gives signs no meaning."""
    rows = [row for trace in traces for row in StepFolder.open(trace).read_table("criterion").to_dicts()]
    found = {sense_of(row.get("ablation"), row.get("multiplier")) for row in rows}
    return found.pop() if len(found) == 1 else -1


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
    wanted = list(dict.fromkeys([*STAT_COLUMNS, *EDGE]))
    measured = pl.scan_parquet(shards, glob=False).filter(pl.col("effect") == effect, pl.col("p").is_not_null())
    return called(measured.select(wanted).collect(), _rule(folder, rule)).select(EDGE)


def _rule(folder: StepFolder, name: str) -> Rule:
    found = folder.read_table("criterion").filter(pl.col("criterion") == name).to_dicts()
    if len(found) != 1:
        raise ScfmError(f"{folder.path} holds {len(found)} criteria named {name}, not one: trace this layer anew")
    return rule_of_row(found[0])
