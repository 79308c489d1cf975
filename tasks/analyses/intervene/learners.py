"""Cells that scores learn from, and what a score names: labels of cells, genes, gene sets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.intervene.inputs import tokens_of
from tasks.analyses.intervene.sections import ScoreSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.cells.select import group_numbers
from tasks.interventions.states import States, clean_states
from tasks.models import Adapter
from tasks.references.reader import ReferencesReader
from tasks.store import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
FIT = 10  # stream of the seed
FEWEST = 5  # cells on either side that anything is learnt from


@dataclass(frozen=True)
class Learners:
    """n training cells that are not measured: their ``rows`` among the chosen cells, ``states`` and ``donor``.

    ``present`` [n, V] says which tokens a cell has, ``known`` which tokens are genes of the model.
    """

    rows: Ints
    states: States
    donor: Ints
    present: Mask
    known: Ints

    @classmethod
    def drawn(
        cls, settings: InterveneSettings, reader: CellsReader, adapter: Adapter, measured: list[int]
    ) -> "Learners":
        """At most ``n_fit``, drawn by seed. Raises RequestError for too few."""
        tokens, rows = reader.tokens(), _fitting(settings, reader, measured)
        donor = _donors(settings, ChosenCells(reader))[rows]
        known = np.array(sorted(adapter.vocabulary.token_of.values()), dtype=np.int64)
        return cls(rows, clean_states(adapter, tokens, rows), donor, _present(tokens, rows, adapter), known)


def labelled(one: ScoreSettings, reader: CellsReader) -> Floats:
    """1 where a chosen cell has the label, 0 where another, NaN where none. Raises RequestError if no cell has it."""
    column = ChosenCells(reader).column(str(one.label), f"intervene.scores: {one.name}")
    own = np.array([text == one.value for text in column.text])
    if not own.any():
        known = sorted({str(text) for text in column.text[~column.missing]})
        raise RequestError(
            f"intervene.scores: {one.name}: no cell in use has {one.label} = {one.value}; there are "
            f"{', '.join(known[:8])}"
        )
    return np.where(column.missing, np.nan, own.astype(np.float64))


def _fitting(settings: InterveneSettings, reader: CellsReader, measured: list[int]) -> Ints:
    """Rows of training cells that are not measured, drawn by seed. Raises RequestError for too few."""
    table = reader.cells()
    free = (table["split"] == "train").to_numpy() & ~np.isin(table["cell_id"].to_numpy(), measured)
    if free.sum() < 2 * FEWEST:
        raise RequestError(
            f"intervene.scores: {free.sum()} training cells are not measured, {2 * FEWEST} are needed to learn from: "
            f"lower intervene.n_cells, or set intervene.cells_split to heldout"
        )
    order = np.random.default_rng([settings.seed, FIT]).permutation(np.flatnonzero(free))
    return np.sort(order[: settings.n_fit])


def _donors(settings: InterveneSettings, cells: ChosenCells) -> Ints:
    if settings.donor is None:
        return np.zeros(cells.n_cells, dtype=np.int64)
    column = cells.column(settings.donor, "intervene.donor")
    if column.missing.any():
        raise RequestError(
            f"intervene.donor: {settings.donor} says nothing of {int(column.missing.sum()):,} cells: leave them out"
        )
    return group_numbers(column.text)


def _present(tokens: TokenizedCells, rows: Ints, adapter: Adapter) -> Mask:
    """Which tokens each cell has."""
    found = np.zeros((len(rows), adapter.info.vocab_size), dtype=bool)
    for place, row in enumerate(rows.tolist()):
        found[place, tokens.tokens[tokens.offsets[row] : tokens.offsets[row + 1]]] = True
    return found


def gene_lists(
    one: ScoreSettings, reader: CellsReader, references: Callable[[], ReferencesReader]
) -> tuple[Ints, Ints]:
    """Tokens of the genes of a score and of those they are held against. Raises RequestError for an unknown one."""
    setting = f"scores: {one.name}"
    own = tokens_of(one.genes, reader, setting) if one.genes else _members(one, reader, references())
    against = tokens_of(one.against, reader, setting)
    first, second = (np.unique(np.array(list(found.values()), dtype=np.int64)) for found in (own, against))
    if np.intersect1d(first, second).size:
        raise RequestError(f"intervene.{setting}: a gene is on both sides, under two names: name it once")
    return first, second


def _members(one: ScoreSettings, reader: CellsReader, references: ReferencesReader) -> dict[str, int]:
    """Tokens of the genes of a named set that the model knows."""
    library, _, term = (part.strip() for part in str(one.gene_set).partition(":"))
    libraries = references.gene_sets()
    if library not in libraries or term not in libraries[library]:
        known = ", ".join(libraries) if library not in libraries else f"sets such as {next(iter(libraries[library]))}"
        raise RequestError(
            f"intervene.scores: {one.name}: no gene set {one.gene_set!r}: write library: name; there are {known}"
        )
    genes = reader.genes().drop_nulls("token_id").select("symbol", "token_id").iter_rows()
    members = {symbol.upper() for symbol in libraries[library][term]}
    found = {symbol: token for symbol, token in genes if symbol is not None and symbol.upper() in members}
    if not found:
        raise RequestError(f"intervene.scores: {one.name}: the model knows no gene of {one.gene_set}: name another set")
    return found
