"""Target genes against other hidden genes like them, in one cell.

1. ``train``: over training cells, the mean of D_g - mean D of the copy, for genes hidden at least SEEN times; the
   lowest are the targets. They are chosen on cells that score nothing. Every direction has genes that suffer most, so
   the genes of a control direction are found in the same way: else a feature would be held against controls that had
   no choice.
2. In one shown cell, every hidden target gene t is held against the m hidden genes nearest to it in rank and log
   frequency (each in units of its standard deviation there) that are neither targets nor among the feature's own
   genes: difference_t = D_t - mean D of these.
3. Of a cell: means over all of its hidden targets, over all rounds; D(T), D(U) and D(T) - D(U).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.patching.features import Tokens
from tasks.analyses.patching.measure import Round
from tasks.analyses.patching.treatments import EVERY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
SEEN = 2
Row = dict[str, str | int | float | None]
Copied = tuple[str, int]  # treatment and feature


@dataclass(frozen=True)
class Targets:
    """Genes of one ``kind`` of a feature, as tokens; ``apart``: genes that stand on neither side.

    ``of_controls``: the genes of treatments that have others, by name.
    """

    feature: int
    kind: str
    genes: Tokens
    apart: Tokens
    of_controls: dict[str, Tokens] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairs:
    """Hidden targets of one round: ``target`` int64 [t] and ``others`` int64 [t, m], places among the hidden genes."""

    target: Ints
    others: Ints

    def means(self, d: Floats) -> tuple[Floats, Floats]:
        """D of each target and the mean D of its others: [t] each, of ``d`` [n]."""
        return d[self.target], d[self.others].mean(1)


class TrainEffects:
    """Step 1: sums of centred changes by treatment, feature and token."""

    def __init__(self, n_tokens: int) -> None:
        self._n_tokens = n_tokens
        self._sums: dict[Copied, tuple[Floats, Ints]] = {}

    def add(self, copied: Copied, tokens: Ints, d: Floats) -> None:
        """One copy's changes ``d`` [n] of the genes ``tokens`` [n]."""
        if copied not in self._sums:
            self._sums[copied] = np.zeros(self._n_tokens), np.zeros(self._n_tokens, dtype=np.int64)
        total, count = self._sums[copied]
        np.add.at(total, tokens, d - d.mean())
        np.add.at(count, tokens, 1)

    def lowest(self, copied: Copied, n: int) -> list[int]:
        """The ``n`` genes that suffer most, worst first, of those seen often enough and below 0."""
        if copied not in self._sums:
            return []
        total, count = self._sums[copied]
        seen = np.flatnonzero(count >= SEEN)
        mean = total[seen] / count[seen]
        order = np.lexsort((seen, mean))
        return [int(seen[one]) for one in order[:n] if mean[one] < 0]


def pair_up(tokens: Ints, covariates: Floats, genes: Tokens, apart: Tokens, n_matched: int) -> Pairs:
    """Step 2's matches for hidden genes ``tokens`` [n] with covariates [n, K]; nearest first, ties by place."""
    chosen = np.isin(tokens, sorted(genes))
    pool = np.flatnonzero(~chosen & ~np.isin(tokens, sorted(apart)))
    target = np.flatnonzero(chosen)
    if not pool.size or not target.size:
        return Pairs(target[:0], np.zeros((0, 1), dtype=np.int64))
    spread = covariates.std(0)
    scaled = covariates / np.where(spread > 0, spread, 1.0)
    apart_by = ((scaled[target][:, None] - scaled[pool][None]) ** 2).sum(-1)
    return Pairs(target, pool[np.argsort(apart_by, axis=1, kind="stable")[:, :n_matched]])


@dataclass
class _Found:
    """What the rounds of one cell say of one treatment, one entry a round."""

    own: list[Floats] = field(default_factory=list)
    other: list[Floats] = field(default_factory=list)
    silent: list[Mask] = field(default_factory=list)
    kl: list[float] = field(default_factory=list)
    dose: list[float] = field(default_factory=list)

    def row(self) -> Row:
        """Step 3's numbers."""
        own, other = np.concatenate(self.own), np.concatenate(self.other)
        silent, difference = np.concatenate(self.silent), own - other
        return {
            "n_targets": own.size,
            "target_effect": float(own.mean()),
            "other_effect": float(other.mean()),
            "difference": float(difference.mean()),
            "elsewhere": float(difference[silent].mean()) if silent.any() else None,
            "dose": float(np.mean(self.dose)),
            "kl": float(np.mean(self.kl)) if self.kl else None,
        }


def cell_rows(rounds: Sequence[Round], targets: Iterable[Targets], log_frequency: Floats, n_matched: int) -> list[Row]:
    """Step 3: a row for every kind of targets and treatment that the cell can tell something about.

    ``log_frequency`` [V]: of every token.
    """
    rows: list[Row] = []
    for each in targets:
        found: dict[str, _Found] = defaultdict(_Found)
        for one in (one for one in rounds if each.feature in one.dose):
            tokens = one.tokens.numpy()
            covariates = np.column_stack([one.rank.numpy(), log_frequency[tokens]])
            pairs = {
                genes: pair_up(tokens, covariates, genes, each.apart, n_matched)
                for genes in {each.genes, *each.of_controls.values()}
            }
            if pairs[each.genes].target.size:  # controls are read where the feature itself is
                _collect(found, one, each, pairs)
        about: Row = {"target_kind": each.kind, "feature": each.feature}
        rows += [{**about, "treatment": treatment, **parts.row()} for treatment, parts in found.items()]
    return rows


def _collect(found: dict[str, _Found], one: Round, targets: Targets, by_genes: Mapping[Tokens, Pairs]) -> None:
    feature, acts = targets.feature, one.acts[targets.feature].numpy()
    for copy in one.copies:
        pairs = by_genes[targets.of_controls.get(copy.treatment, targets.genes)]
        if copy.feature in (feature, EVERY) and pairs.target.size:
            parts = found[copy.treatment]
            own, other = pairs.means(copy.d.numpy())
            parts.own.append(own)
            parts.other.append(other)
            parts.silent.append(~acts[pairs.target] & ~acts[pairs.others].any(1))
            parts.kl += [] if copy.kl is None else [copy.kl]
            parts.dose.append(one.dose[feature])
