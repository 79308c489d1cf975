"""Rows of table validation, each with one sentence made from its numbers."""

from dataclasses import asdict, dataclass

import polars as pl

from tasks.store import table_frame
from tasks.validate.null import Comparison

SIGNIFICANT = 0.05
FALLBACK = "Edges are calibrated ones: no displacements of equal size were traced beside the features"
NO_COMPARISON: dict[str, float | int | None] = {
    "observed": None,
    "null_mean": None,
    "null_sd": None,
    "p": None,
    "n_null": 0,
}


@dataclass(frozen=True)
class Check:
    """What is compared with what: the words of a row. ``claim`` and ``denial`` are full clauses without a stop."""

    check_name: str
    reference: str
    statistic: str
    null_kind: str
    claim: str
    denial: str


Row = dict[str, object]


def measured(check: Check, comparison: Comparison, n_tested: int, stand_in: bool) -> Row:
    """A row with its numbers."""
    found = comparison.p < SIGNIFICANT
    numbers = (
        f"({comparison.observed:.3g} against {comparison.null_mean:.3g} ± {comparison.null_sd:.1g} under the null, "
        f"p = {comparison.p:.2g})"
    )
    clause = check.claim if found else check.denial
    meaning = f"{clause} {numbers}: {_caution(found, stand_in)}."
    return _row(check, n_tested, meaning) | asdict(comparison)


def untested(check: Check, reason: str) -> Row:
    """A row that says why nothing could be tested."""
    return _row(check, 0, f"Nothing could be tested: {reason}.") | NO_COMPARISON


def without_edges(rule: str) -> str:
    """Why a circuit without edges tells nothing."""
    return f"no {rule} edge joins two features with gene lists"


def validation_frame(rows: list[Row], rule: str, n_edges: int, wanted: str) -> pl.DataFrame:
    """Rows as the table; ``rule`` called the ``n_edges`` edges of the circuit, another may have been ``wanted``."""
    note = "" if rule == wanted else f" {FALLBACK}."
    called = {"rule": rule, "n_edges": n_edges}
    return table_frame("validation", [row | called | {"meaning": f"{row['meaning']}{note}"} for row in rows])


def _row(check: Check, n_tested: int, meaning: str) -> Row:
    return {
        "check_name": check.check_name,
        "reference": check.reference,
        "statistic": check.statistic,
        "n_tested": n_tested,
        "null_kind": check.null_kind,
        "meaning": meaning,
    }


def _caution(found: bool, stand_in: bool) -> str:
    if found and stand_in:
        return (
            "shared expression of the genes can cause this, and a small stand-in model says nothing of a published one"
        )
    if found:
        return "shared expression of the genes can cause this, so it is no proof of regulation"
    if stand_in:
        return "a small stand-in model, trained on the cells of one study, is not expected to know regulation"
    return "these circuits give no evidence that the model knows regulation"
