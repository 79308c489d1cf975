"""A planted circuit traced, and what the rules make of it beside the truth."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.store import StepFolder
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import called
from tasks.trace.significance.rules import rules
from tasks.trace.trace import LayerTrace
from tests.builders.planted_circuits import Circuit


def settings_of(circuit: Circuit, **changes: Any) -> TraceSettings:
    return TraceSettings(source_layers=[0], n_cells=circuit.n_cells, **{"n_flips": 2000, **changes})


def trace_planted(circuit: Circuit, seed: int, folder: Path, **changes: Any) -> StepFolder:
    """Trace the circuit's only source layer, with these settings changed."""
    with StepFolder.create(folder) as out:
        trace = LayerTrace(settings_of(circuit, **changes), circuit.inputs(seed), out)
        trace.run()
        out.finish(**trace.info())
    return StepFolder.open(folder)


def judge(circuit: Circuit, traced: StepFolder) -> pl.DataFrame:
    """edge_stat with the truth (``kind``, ``edge``, ``mirror``: whether it is a mirror image) and every verdict."""
    edges = traced.read_table("edge_stat").with_row_index("row")
    truth = pl.DataFrame(
        {
            "target_feature": np.arange(circuit.n_targets, dtype=np.uint32),
            "kind": [kind.name for kind in circuit.kind_of],
            "wired_to": circuit.source_of.astype(np.uint32),
            "edge": [kind.size > 0 and kind.answers == "source" for kind in circuit.kind_of],
            "mirror": np.arange(circuit.n_targets) >= circuit.n_targets // 2,
        }
    )
    verdicts = [
        pl.col("row").is_in(called(edges, rule)["row"].to_list()).alias(rule.name)
        for rule in rules(settings_of(circuit))
    ]
    found = edges.join(truth, on="target_feature", maintain_order="left").with_columns(*verdicts)
    return found.with_columns(edge=pl.col("edge") & (pl.col("wired_to") == pl.col("source_feature")))


def most_false(judged: pl.DataFrame, rule: str) -> float:
    """The false share that one circuit may have by chance where 5 % are promised; mirror images go together."""
    return float(0.05 + 2 * (0.05 * 0.95 / (judged.filter(rule).height / 2)) ** 0.5)
