"""Scores of the whole cell, learnt from training cells that are not measured (``interventions.bank``).

    signature     cos(z - m, g_label - m) - cos(z - m, g_others - m) of the cell's mean logits z; m: mean of all cells
    marker        mean of z over genes less mean over others, a difference of mean log-probabilities: genes that cells
                  of the label have more often than others and those they have less often, or the lists that are named
    probability   of the label, by a logistic probe of the embedding

Of each there are R - 1 more, learnt from labels that were exchanged between cells (of one donor), or of random genes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.intervene.learners import FEWEST, Learners, gene_lists, labelled
from tasks.analyses.intervene.sections import ScoreSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.cells.reader import CellsReader
from tasks.interventions.bank import Bank, Markers, Times, fit_bank
from tasks.interventions.quality import Fit, quality_rows
from tasks.interventions.states import States
from tasks.models import Adapter
from tasks.references.reader import ReferencesReader
from tasks.store import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SHUFFLE, GENES = 11, 12  # streams of the seed
NAMES = {"signature_centred": "signature"}  # what the step calls a read-out of the bank
Row = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """A score and what it learnt: read-outs, rows of intervention_score, and ids of the genes on either side."""

    name: str
    bank: Bank
    quality: list[Row]
    genes: dict[str, list[Any]]

    def levels(self, states: States) -> dict[str, Floats]:
        """Of states of one cell, one at a time: by read-out [c, R]. Equal states have equal levels, bit for bit."""
        each = [self.bank.levels(states.rows(np.array([row]))) for row in range(len(states.embeddings))]
        return {NAMES.get(name, name): np.concatenate([one[name] for one in each]) for name in each[0]}


def learn_scores(
    settings: InterveneSettings,
    reader: CellsReader,
    adapter: Adapter,
    measured: list[int],
    references: Callable[[], ReferencesReader],
) -> list[Score]:
    """All scores that the settings name. Raises RequestError for a label, genes or cells that do not do."""
    labels = {one.name: labelled(one, reader) for one in settings.scores if one.label}
    lists = {one.name: gene_lists(one, reader, references) for one in settings.scores if not one.label}
    learners = Learners.drawn(settings, reader, adapter, measured)
    found = [
        _of_label(settings, one, learners, labels[one.name])
        if one.label
        else _of_genes(settings, one, learners, lists[one.name])
        for one in settings.scores
    ]
    gene_of = dict(reader.genes().drop_nulls("token_id").reverse().select("token_id", "gene_id").iter_rows())
    return [replace(one, genes=_named(one.genes, gene_of)) for one in found]


def _of_label(settings: InterveneSettings, one: ScoreSettings, learners: Learners, labels: Floats) -> Score:
    """``labels`` of all chosen cells: 1 of the label, 0 of others, NaN of cells without one."""
    kept = np.flatnonzero(~np.isnan(labels[learners.rows]))
    late = labels[learners.rows[kept]] == 1
    if min(late.sum(), (~late).sum()) < FEWEST:
        raise RequestError(
            f"intervene.scores: {one.name}: {late.sum()} training cells have {one.label} = {one.value} and "
            f"{(~late).sum()} another, {FEWEST} of each are needed: raise intervene.n_fit or cells.n"
        )
    states, donor, present = learners.states.rows(kept), learners.donor[kept], learners.present[kept]
    seed = [settings.seed, SHUFFLE]
    times = Times.shuffled(late.astype(np.float64), ~late, late, donor, settings.n_shuffles, seed)
    genes = learners.known[present[:, learners.known].any(0)]
    if "marker" in settings.readouts and len(genes) < 2 * settings.n_markers:
        raise RequestError(
            f"intervene.n_markers: the training cells show {len(genes)} genes, so {settings.n_markers} on either side "
            f"cannot tell {one.name}: set it to {len(genes) // 2} or less"
        )

    def markers(cells: Ints, n: int) -> Markers | None:
        if "marker" not in settings.readouts:
            return None
        own = times.rows(cells, n)
        return Markers.telling(present[cells], own.late, own.early, genes, settings.n_markers)

    asked = {"signature": "signature_centred"}
    readouts = tuple(asked.get(name, name) for name in one.readouts if name in settings.readouts)
    every = markers(np.arange(len(kept)), settings.n_shuffles + 1)
    try:
        bank = fit_bank(states, times, readouts, every, settings.n_axes)
    except ValueError as error:
        raise RequestError(f"intervene.readouts: {error}, so there is no probability: leave it out") from None
    fit = Fit(readouts, settings.n_axes, settings.n_folds, donor, settings.seed)
    found = {NAMES.get(row["readout"], row["readout"]): row for row in quality_rows(fit, states, times, markers)}
    quality = [{**row, "score": one.name, "readout": name} for name, row in found.items()]
    return Score(one.name, bank, quality, _marked(every))


def _of_genes(settings: InterveneSettings, one: ScoreSettings, learners: Learners, lists: tuple[Ints, Ints]) -> Score:
    """``lists``: tokens of its genes and of those they are held against; none of these: all that are predicted."""
    genes = learners.known[learners.states.known[:, learners.known].any(0)]
    own, named = lists
    against = named if len(named) else np.setdiff1d(genes, own)
    every, size = np.union1d(genes, np.concatenate([own, against])), learners.present.shape[1]
    markers = Markers.drawn(own, against, every, size, settings.n_shuffles, [settings.seed, GENES])
    untold = dict.fromkeys(("value", "sd", "null_mean", "null_high", "unit", "n_folds"))
    about: Row = {"score": one.name, "readout": "marker", "metric": "auc", "n_cells": len(learners.rows)}
    quality = [{**about, **untold, "n_early": 0, "n_late": 0}]
    listed = {"genes": own.tolist(), "against": named.tolist()}
    return Score(one.name, Bank({}, markers, None, None), quality, listed)


def _marked(markers: Markers | None) -> dict[str, list[int]]:
    """Tokens on either side of the true markers."""
    if markers is None:
        return {}
    return {
        side: np.flatnonzero(own[0]).tolist() for side, own in (("genes", markers.late), ("against", markers.early))
    }


def _named(tokens: dict[str, list[Any]], gene_of: dict[int, str]) -> dict[str, list[Any]]:
    """Ids in place of tokens, by side."""
    return {side: [gene_of[one] for one in own if one in gene_of] for side, own in tokens.items()}
