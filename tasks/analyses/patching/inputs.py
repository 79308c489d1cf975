"""What the step reads, and what is wrong with a request that the settings alone do not show."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.patching.features import Described, Patched, choose_features, patched_features
from tasks.analyses.patching.published import require_kind
from tasks.analyses.patching.step import PatchingSettings
from tasks.causal.inputs import check_fit, draw_cells
from tasks.cells.chosen import ChosenCells
from tasks.cells.reader import CellsReader
from tasks.cells.settings import Wanted
from tasks.interventions.readout import require_predictions
from tasks.models import Adapter, load_prepared
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch
from tasks.models.score import split_cells
from tasks.references.reader import ReferencesReader
from tasks.sae import Sae, load_sae
from tasks.step import Inputs
from tasks.store import StepFolder
from tasks.trace.settings import CELL

STATES = 8  # cells whose states say how the layer's outputs vary


@dataclass(frozen=True)
class Choice:
    """Which cells of one split are drawn, as ``draw_cells`` asks it."""

    n_cells: int
    cells_split: Literal["train", "heldout", "all"]
    cells_where: Wanted
    cells_draw: Literal["seeded", "first"]
    seed: int


@dataclass(frozen=True)
class PatchingInputs:
    """``train`` and ``heldout``: batches of one by cell; ``units``: the unit of every held-out cell, if named.

    ``log_frequency`` [V]: log(1 + training cells that hold the gene) of every token; ``symbol_of`` by token.
    """

    adapter: Adapter
    sae: Sae
    patched: list[Patched]
    train: dict[int, Batch]
    heldout: dict[int, Batch]
    units: dict[int, str] | None
    log_frequency: NDArray[np.float64]
    symbol_of: dict[int, str]

    @torch.inference_mode()
    def states(self) -> list[Tensor]:
        """Outputs [S, d] of the layer in a few training cells."""
        cells = list(self.train.values())[:STATES]
        return [layer_output(self.adapter, cell, self.sae.layer) for cell in cells]


def load_inputs(settings: PatchingSettings, inputs: Inputs) -> PatchingInputs:
    """Load what patching one layer needs. Raises RequestError for a bad request."""
    layer, reader = inputs.own_layer, CellsReader(inputs.folder("cells"))
    adapter = load_prepared(inputs.folder("model"), inputs.device)
    require_predictions(adapter, "patching")
    for rule in settings.rules:
        require_kind(rule, adapter)
    sae = load_sae(inputs.folder("sae"), inputs.device)
    check_fit(sae, layer, adapter)
    folder = StepFolder.open(inputs.folder("describe"))
    described = Described(*(folder.read_table(name) for name in ("feature", "feature_gene", "annotation")))
    chosen, known = choose_features(settings, layer, described), reader.genes().drop_nulls("token_id")
    token_of = {symbol.upper(): token for symbol, token in reversed(known.select("symbol", "token_id").rows())}
    libraries = ReferencesReader(inputs.folder("references")).gene_sets()
    units = _units(settings, reader)
    lacking = [cell for cell, name in (units or {}).items() if name is None]
    drawn = {
        split: {
            at: cell.to(inputs.device) for at, cell in draw_cells(_choice(settings, split), reader, lacking).items()
        }
        for split in ("train", "heldout")
    }
    return PatchingInputs(
        adapter,
        sae,
        patched_features(chosen, described, libraries, token_of, known.select("gene_id", "token_id")),
        drawn["train"],
        drawn["heldout"],
        None if units is None else {cell: str(units[cell]) for cell in drawn["heldout"]},
        _log_frequency(reader, adapter.info.vocab_size),
        dict(known.select("token_id", "symbol").iter_rows()),
    )


def _choice(settings: PatchingSettings, split: Literal["train", "heldout"]) -> Choice:
    n_cells = settings.train_cells if split == "train" else settings.n_cells
    return Choice(n_cells, split, settings.cells_where, settings.cells_draw, settings.seed)


def _units(settings: PatchingSettings, reader: CellsReader) -> dict[int, str | None] | None:
    """The unit of every chosen cell; None if it is the cell. Raises RequestError for a column that is not kept."""
    if settings.unit == CELL:
        return None
    column = ChosenCells(reader).column(settings.unit, "patching.unit")
    return dict(zip(reader.cells()["cell_id"].to_list(), column.text.tolist(), strict=True))


def _log_frequency(reader: CellsReader, vocab_size: int) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.log1p(np.bincount(split_cells(reader)[0].tokens, minlength=vocab_size))
    return found
