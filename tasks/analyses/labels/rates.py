"""How many features each rule calls for a column of labels, beside how many it calls for labels that mean nothing.

The null keeps what labels may owe to donor and depth: labels are permuted within the strata (of whole donors, if none
of a column's labels varies within any), for all rules alike, and all columns at once, as they are one family. A rule
that knows of no strata still calls what depth alone explains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.labels.comparison import Ranked
from tasks.analyses.labels.design import Strata
from tasks.analyses.labels.published_scores import BestOfFive
from tasks.analyses.labels.scores import SCORES, Score, Scored
from tasks.analyses.labels.tables import called, family_q, n_tests
from tasks.analyses.labels.top_cells import RULES, TopCells, top_cells, top_labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = Sequence[Ints]  # by column, labels of the cells that are compared
Rule = Callable[[Codes], list[NDArray[np.bool_]]]  # by column, features with a called label [F]


@dataclass(frozen=True)
class Rates:
    """``real`` and ``null`` [draws]: by column, the number of features with a called label."""

    real: list[int]
    null: list[list[int]]

    def row(self, column: int, n_features: int) -> dict[str, object]:
        """The columns of table ``label_summary`` that count."""
        drawn = np.array([draw[column] for draw in self.null]) / max(n_features, 1)
        return {
            "n_called": self.real[column],
            "called_fraction": self.real[column] / max(n_features, 1),
            "null_mean": float(drawn.mean()) if drawn.size else None,
            "null_sd": float(drawn.std(ddof=1)) if drawn.size > 1 else None,
            "n_null": int(drawn.size),
        }


def permutations(ranked: Sequence[Ranked], n_draws: int, seed: int) -> list[Codes]:
    """``n_draws`` permutations of the labels of all columns."""
    if not n_draws:
        return []
    columns = [one.permuted(n_draws, [seed, number]) for number, one in enumerate(ranked)]
    return [[codes[draw % len(codes)] for codes in columns] for draw in range(n_draws)]


def count_called(rule: Rule, ranked: Sequence[Ranked], drawn: Sequence[Codes]) -> Rates:
    """A rule on the columns' own labels and on permutations of all of them."""
    return Rates(_counts(rule([one.code for one in ranked])), [_counts(rule(codes)) for codes in drawn])


def tested(ranked: Sequence[Ranked], alpha: float) -> Rule:
    """The test of ``ranked``, as one family."""

    def rule(codes: Codes) -> list[NDArray[np.bool_]]:
        found = [one.test(code) for one, code in zip(ranked, codes, strict=True)]
        q = family_q([p for _, p in found])
        return [any_label(called(own, auroc, alpha)) for own, (auroc, _) in zip(q, found, strict=True)]

    return rule


def unstratified(values: csr_matrix, ranked: Sequence[Ranked], min_cells: int) -> list[Ranked]:
    """The same cells and labels without strata, which is Mann and Whitney's test."""
    found = []
    for one in ranked:
        nothing = np.zeros(one.code.size, dtype=np.int64)
        alone = Strata(one.strata.cells, nothing, nothing, None, "none", "none")
        found.append(Ranked(values, one.labels, alone, min_cells, 2))
    return found


def published_tops(when_active: csr_matrix, ranked: Sequence[Ranked]) -> Mapping[str, list[TopCells]]:
    """The top cells of every column's cells by published rule; ``when_active`` [C, F] of all cells."""
    return {f"published_{rule}": [top_cells(when_active[one.strata.cells], rule) for one in ranked] for rule in RULES}


def top_rule(tops: Sequence[TopCells], ranked: Sequence[Ranked], alpha: float) -> Rule:
    """One of the published rules of over-representation."""

    def rule(codes: Codes) -> list[NDArray[np.bool_]]:
        return [
            any_label(top_labels(top, code, len(one.labels.names)).q <= alpha)
            for top, one, code in zip(tops, ranked, codes, strict=True)
        ]

    return rule


def best_rules(maximum: csr_matrix, ranked: Sequence[Ranked]) -> Mapping[Score, tuple[list[BestOfFive], Rule]]:
    """The published scores by kind, with the rule that calls whatever is above 0."""
    best = [BestOfFive(maximum[one.strata.cells], len(one.labels.names)) for one in ranked]

    def of(kind: Score) -> Rule:
        def rule(codes: Codes) -> list[NDArray[np.bool_]]:
            scored = zip(best, ranked, codes, strict=True)
            return [any_label(own.score(kind, code, one.tested)[0] > 0) for own, one, code in scored]

        return rule

    return {kind: (best, of(kind)) for kind in SCORES}


def any_label(pairs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Features with at least one of their labels: [F, T] -> [F]."""
    return np.asarray(pairs.any(axis=1))


class ScoreFamily:
    """All tests of one kind of score, by column and label; q by column, in the order of ``columns``."""

    def __init__(self, columns: Sequence[list[Scored]], alpha: float) -> None:
        self.columns, self._alpha = columns, alpha
        self.q = self._by_column([score.p for column in columns for score in column])

    @property
    def n_tests(self) -> list[int]:
        """Tests of every column."""
        return [sum(n_tests(score.p) for score in column) for column in self.columns]

    def rates(self, n_features: int) -> Rates:
        """Features that the score calls, and for permuted labels of the held-out cells."""
        n_draws = min((len(score.drawn_p) for column in self.columns for score in column), default=0)
        drawn = [[score.drawn_p[draw] for column in self.columns for score in column] for draw in range(n_draws)]
        counts = [self._called(self._by_column(p), n_features) for p in drawn]
        return Rates(self._called(self.q, n_features), counts)

    def _by_column(self, p: list[Floats]) -> list[list[Floats]]:
        q = iter(family_q(p))
        return [[next(q) for _ in column] for column in self.columns]

    def _called(self, q: list[list[Floats]], n_features: int) -> list[int]:
        nothing = np.zeros(n_features, dtype=bool)
        return [int(np.any([nothing, *(one <= self._alpha for one in column)], axis=0).sum()) for column in q]


def _counts(found: list[NDArray[np.bool_]]) -> list[int]:
    return [int(one.sum()) for one in found]


def summary_frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of table ``label_summary`` behind sae_id."""
    return pl.DataFrame(rows, infer_schema_length=None).sort("obs_column", "conditional", "rule")
