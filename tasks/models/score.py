"""How well a model predicts masked genes, their values, or next genes of unseen cells, beside a baseline."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import Adapter, ModelInfo
from tasks.models.batches import take_cells
from tasks.models.masked import MaskedScore, masked_gene_score, scored_genes
from tasks.models.mini.baseline import baseline_score
from tasks.models.mini.value_baseline import value_baseline
from tasks.store import table_frame


@dataclass(frozen=True)
class HeldoutScore:
    """The model and the baseline at the same hidden or next genes of the same cells.

    The baseline of genes is how often each stands at a rank, that of values a gene's mean value.
    """

    model: MaskedScore
    baseline: MaskedScore


def split_cells(reader: CellsReader) -> tuple[TokenizedCells, TokenizedCells]:
    """Training cells and held-out cells."""
    cells = reader.tokens()
    train = (reader.cells()["split"] == "train").to_numpy()
    return take_cells(cells, np.flatnonzero(train)), take_cells(cells, np.flatnonzero(~train))


def sample_cells(cells: TokenizedCells, n_tokens: int, seed: int) -> TokenizedCells:
    """Cells drawn by seed until they hold ``n_tokens`` tokens, or all; at least one if there is one."""
    drawn = np.random.default_rng(seed).permutation(cells.n_cells)
    before = np.cumsum(cells.lengths[drawn]) - cells.lengths[drawn]
    return take_cells(cells, np.sort(drawn[before < n_tokens]))


def heldout_score(adapter: Adapter, train: TokenizedCells, heldout: TokenizedCells, seed: int) -> HeldoutScore | None:
    """Both scores at the same masked genes; None without held-out cells, or if the model predicts nothing."""
    if heldout.n_cells == 0 or adapter.predicts == "nothing":
        return None
    hidden = scored_genes(adapter, heldout, seed)
    baseline = value_baseline if adapter.predicts == "values" else baseline_score
    return HeldoutScore(masked_gene_score(adapter, heldout, seed), baseline(adapter.vocabulary, train, heldout, hidden))


def model_table(info: ModelInfo, score: HeldoutScore | None) -> pl.DataFrame:
    """The one row of table ``model``."""
    measured = {
        "heldout_loss": score and score.model.loss,
        "heldout_top1": score and score.model.top1,
        "baseline_top1": score and score.baseline.top1,
        "baseline_loss": score and score.baseline.loss,
    }
    facts = {name: fact for name, fact in vars(info).items() if name not in ("n_key_heads", "gated")}
    return table_frame("model", [{**facts, **measured}])
