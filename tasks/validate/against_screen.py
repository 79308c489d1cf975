"""Hold a circuit against the responses that step ``responses`` measured, line by line."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from tasks.references.signatures import Signature
from tasks.store import table_frame
from tasks.validate.circuit import Circuit
from tasks.validate.direction_rules import E1_GENES
from tasks.validate.directions import ALPHA, Known, e1_rows, summary_rows
from tasks.validate.pair_rows import pair_rows
from tasks.validate.report import Row
from tasks.validate.screens import Screen, read_screens
from tasks.validate.settings import ValidateSettings

NO_SIGNS = "the ablation moves activations up and down (trace.ablation): no effect says what would rise"


def screen_tables(
    responses: Path, circuits: Mapping[int, Circuit], known: Known, settings: ValidateSettings
) -> dict[str, pl.DataFrame]:
    """Tables validation_summary and pair_validation. ``circuits``: by genes of an end, the study's and E1_GENES."""
    circuit, of_e1 = circuits[settings.top_genes], circuits[E1_GENES]
    rows: list[Row] = []
    pairs = [table_frame("pair_validation", [])]
    for screen, for_e1 in zip(read_screens(responses, circuit), read_screens(responses, of_e1), strict=True):
        if not circuit.sense:
            rows.append(summary_rows(circuit, screen, known, settings)[0] | _without_signs())
            continue
        rows += summary_rows(circuit, screen, known, settings) + e1_rows(of_e1, for_e1, settings)
        pairs.append(pair_rows(circuit, screen, known, settings.max_pairs))
    return {"validation_summary": table_frame("validation_summary", rows), "pair_validation": pl.concat(pairs)}


def risen(screens: list[Screen], circuit: Circuit) -> dict[str, list[Signature]]:
    """The genes of every perturbation that rise, as signatures of its line: what ``perturbation`` tests by AUROC."""
    symbols = np.array([symbol.upper() for symbol in circuit.target_symbols], dtype=object)
    found = {}
    for screen in screens:
        rose = (screen.values["q"] <= ALPHA) & (screen.fold > 0)
        found[f"responses, {screen.line}"] = [
            Signature(gene, gene, frozenset(symbols[up].tolist())) for gene, up in zip(screen.genes, rose, strict=True)
        ]
    return found


def _without_signs() -> Row:
    numbers = ("accuracy", "baseline", "excess", "low", "high", "usual", "over_usual", "rho", "odds_ratio")
    more = ("over_usual_low", "over_usual_high", "odds_low", "odds_high")
    return dict.fromkeys((*numbers, *more)) | {"n_perturbations": 0, "n_pairs": 0, "n_draws": 0, "reason": NO_SIGNS}
