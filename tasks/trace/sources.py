"""The cells of a trace up to the source layer, and the source features that are traced in them."""

from functools import cached_property

import polars as pl
import torch
from torch import Tensor

from tasks.causal.cell import SourceState, source_state
from tasks.causal.tiles import TiledEncoder
from tasks.store import RequestError, ScfmError, StepFolder
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.archive import pair_frame
from tasks.trace.inputs import TraceInputs
from tasks.trace.names import Names


class Sources:
    """Source states are computed when something is still to be traced; a rerun reads the pairs from their shard."""

    def __init__(self, inputs: TraceInputs, names: Names, out: StepFolder) -> None:
        self.inputs, self.names, self.out = inputs, names, out
        self.directions = inputs.source.W_dec.cpu()

    @cached_property
    def states(self) -> list[SourceState]:
        """Source output and active sites of every cell, by cell_id ascending."""
        adapter, layer = self.inputs.adapter, self.inputs.source.layer
        encoder = TiledEncoder(self.inputs.source)
        passes = in_parallel(
            lambda cell: source_state(adapter, layer, encoder, cell, self.inputs.cells[cell]),
            self.inputs.cells,
            torch.device(adapter.device),
        )
        return list(track(passes, "source states", len(self.inputs.cells), "cell"))

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """Rows of trace_pair, sorted by feature and cell."""
        if not self.out.has("pairs"):
            with self.out.unit("pairs") as unit:
                norms = self.inputs.source.decoder_norms.cpu().double()
                unit.table("trace_pair", pair_frame(self.names, self.states, self._living(), norms))
        return self.out.read_table("trace_pair")

    @cached_property
    def features(self) -> Tensor:
        """Traced features int64, ascending."""
        return torch.tensor(self.pairs["source_feature"].unique().sort().to_list())

    @cached_property
    def tested(self) -> pl.DataFrame:
        """Rows of trace_pair of the features that are active in enough units to be tested: all, where these are cells.

        Raises RequestError if there are none.
        """
        units = self.inputs.units
        if units is None:
            return self.pairs
        found = self.pairs.filter(pl.col("source_feature").is_in(units.testable(self.pairs)))
        if found.is_empty():
            raise RequestError(
                f"trace.min_units: no feature of {self.names.source_sae} is active in {units.least} of the {units.n} "
                f"units by {units.name}: lower trace.min_units, or trace more cells (trace.n_cells)"
            )
        return found

    @property
    def n_tested(self) -> int:
        """How many features are tested."""
        return self.tested["source_feature"].n_unique()

    @property
    def n_positions(self) -> dict[int, int]:
        """In how many positions every tested feature is active."""
        counts = self.tested.group_by("source_feature").agg(pl.col("n_positions").cast(pl.UInt32).sum())
        return dict(counts.sort("source_feature").iter_rows())

    def _living(self) -> Tensor:
        """Features that are active in some cell and frequent enough. Raises ScfmError if there are none."""
        living: Tensor = torch.unique(torch.cat([state.sites.features for state in self.states]))
        if self.inputs.traced is not None:
            living = living[torch.isin(living, self.inputs.traced)]
        if not len(living):
            raise ScfmError(f"no feature of {self.names.source_sae} is active in the traced cells: train it longer")
        return living
