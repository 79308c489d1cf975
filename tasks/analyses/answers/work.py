"""The work of step ``answers``, one layer: features of perturbed cells against those of control cells.

1. Labels of the cells in use, from table cell_obs (``tasks.analyses.responses.labels``).
2. How far each cell's features lie from what control cells show on the same genes (``shifts``).
3. Every perturbation in its line against the control cells of its batches (``compare``); Benjamini-Hochberg over all
   perturbations and features. Beside it: control cells against control cells, the rule as it was published
   (``published``), and the same test on the expression of genes, for what is there before any model.
4. Known targets among what answers, beside features that fire as often (``specific``).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tasks.analyses.answers.compare import Compared, Group, compare, groups_of, mock_labels
from tasks.analyses.answers.frames import Found, feature_rows, summary_row, target_rows
from tasks.analyses.answers.published import effect_sizes, sum_positions
from tasks.analyses.answers.shifts import shifts
from tasks.analyses.answers.specific import specific
from tasks.analyses.answers.step import AnswersSettings
from tasks.analyses.responses.labels import CONTROL, CellLabels, gene_places, number_labels
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.cells.reader import CellsReader
from tasks.codes.axes import Axes, read_axes
from tasks.codes.reader import CodesReader
from tasks.references.reader import ReferencesReader, joined
from tasks.statistics.fdr import benjamini_hochberg
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame

Floats = NDArray[np.float64]
UNIT, SCALE = "answers", 10_000.0


def find_answers(settings: AnswersSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill the three tables of one layer. Raises RequestError if the cells hold no control cells."""
    codes = CodesReader(inputs.folder("codes"))
    if not out.has(UNIT):
        cells = CellsReader(inputs.folder("cells"))
        axes = read_axes(inputs.folder("activations"), inputs.folder("cells"))
        labels = cell_labels(inputs.sections.of(ResponsesSettings), cells, axes)
        found = _find(settings, inputs, codes, axes, labels, cells)
        mock = mock_labels(labels, settings.seed)
        mocks = _compare_features(settings, codes, axes, mock)
        n_called = sum(int((q <= settings.alpha).sum()) for q in _family(mocks))
        targets = target_rows(settings, labels, found)
        tables = {
            "perturbation_answer": table_frame(
                "perturbation_answer", [{"sae_id": codes.sae_id, **one} for one in targets]
            ),
            "feature_answer": feature_rows(settings, labels, found).with_columns(sae_id=pl.lit(codes.sae_id)),
            "answer_summary": table_frame(
                "answer_summary", [{"sae_id": codes.sae_id, **summary_row(settings, targets, found, mocks, n_called)}]
            ),
        }
        with out.unit(UNIT) as unit:
            for table, frame in tables.items():
                unit.table(table, frame)
    (row,) = out.read_table("answer_summary").to_dicts()
    return {"sae_id": codes.sae_id, "n_answering": row["n_answering"]}


def cell_labels(settings: ResponsesSettings, cells: CellsReader, axes: Axes) -> CellLabels:
    """Labels of the cells of ``axes``. Raises RequestError if none of them is a control cell."""

    def texts(column: str | None) -> NDArray[np.object_] | None:
        if column is None:
            return None
        told = cells.obs_texts(column)
        return np.array([told.get(int(cell)) for cell in axes.cell_id], dtype=object)

    label = texts(settings.column)
    if label is None:
        raise RequestError("answers.wanted: no obs column says what was switched off: name it in responses.column")
    found = number_labels(settings, label, texts(settings.line), texts(settings.batch), None)
    if not (found.perturbation == CONTROL).any():
        raise RequestError(
            f"answers: none of the {len(label):,} cells in use is a control cell ({settings.column} = "
            f"{', '.join(sorted(settings.controls))}): draw more cells, or name them in responses.control"
        )
    return found


def _compare_features(settings: AnswersSettings, codes: CodesReader, axes: Axes, labels: CellLabels) -> list[Compared]:
    """Every perturbation of every line against its control cells, feature by feature."""
    found = shifts(codes, axes, labels, codes.n_features, settings.min_positions)
    least = (settings.min_cells, settings.min_firings)
    return [compare(group, found.shift, found.fires, labels.stratum, least) for group in groups_of(labels)]


def _find(
    settings: AnswersSettings, inputs: Inputs, codes: CodesReader, axes: Axes, labels: CellLabels, cells: CellsReader
) -> Found:
    features = _compare_features(settings, codes, axes, labels)
    q = _family(features)
    genes = _compare_genes(settings, axes, labels, cells)
    sums = sum_positions(codes, axes, codes.n_features)
    groups = groups_of(labels)
    effects = [effect_sizes(sums, labels, group.line, group.perturbation) for group in groups]
    names = [labels.names[group.perturbation].upper() for group in groups]
    targets = joined(ReferencesReader(inputs.folder("references")).networks())
    called = [one.tested[own <= settings.alpha] for one, own in zip(features, q, strict=True)]
    lists = _gene_lists(inputs, settings.top_genes)
    known = specific(features, called, names, lists, targets, settings.null_draws, settings.seed)
    n_known = [len(targets[name]) if name in targets else None for name in names]
    return Found(features, q, genes, _family(genes), effects, known, n_known)


def _compare_genes(settings: AnswersSettings, axes: Axes, labels: CellLabels, cells: CellsReader) -> list[Compared]:
    """This test on log1p counts per 10,000 in place of features, the genes that were switched off left out."""
    rows = np.searchsorted(cells.cells()["cell_id"].to_numpy(), axes.cell_id)
    counts = csr_array(cells.counts())[rows]
    total = np.repeat(np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0), np.diff(counts.indptr))
    logs = csr_array((np.log1p(counts.data * (SCALE / total)), counts.indices, counts.indptr), shape=counts.shape)
    shown = csr_array((np.ones(counts.nnz), counts.indices, counts.indptr), shape=counts.shape)
    genes = cells.genes()
    place = gene_places(genes["gene_id"].to_list(), genes["symbol"].to_list())
    least = (settings.min_cells, settings.min_firings)

    def tested(group: Group) -> Compared:
        own = np.zeros(counts.shape[1], dtype=bool)
        for name in labels.names[group.perturbation].split("+"):
            if name.upper() in place:
                own[place[name.upper()]] = True
        return compare(group, logs, shown, labels.stratum, least, own)

    return [tested(group) for group in groups_of(labels)]


def _family(compared: Sequence[Compared]) -> list[Floats]:
    """q of every test, over all of them."""
    p = np.concatenate([np.zeros(0), *(one.p for one in compared)])
    borders = np.cumsum([len(one.p) for one in compared])
    return np.split(benjamini_hochberg(p), borders[:-1]) if compared else []


def _gene_lists(inputs: Inputs, top_genes: int) -> dict[int, frozenset[str]]:
    """The first genes of every feature, upper case."""
    folder = StepFolder.open(inputs.folder("describe"))
    if not folder.shards("feature_gene"):
        return {}
    rows = folder.read_table("feature_gene").filter(pl.col("rank") <= top_genes)
    lists = rows.group_by("feature").agg(pl.col("symbol").str.to_uppercase())
    return {int(feature): frozenset(symbols) for feature, symbols in lists.iter_rows()}
