"""The cells of a trace up to the source layer, and the source features that are traced in them."""

from functools import cached_property

import polars as pl
import torch
from torch import Tensor

from tasks.causal.cell import SourceState, source_state
from tasks.causal.effects import Change
from tasks.causal.tiles import TiledEncoder
from tasks.store import RequestError, ScfmError, StepFolder, table_frame
from tasks.store.progress import track
from tasks.store.workers import in_parallel
from tasks.trace.ablation import change_of
from tasks.trace.archive import pair_frame
from tasks.trace.fit import measure_fit
from tasks.trace.inputs import TraceInputs
from tasks.trace.names import Names
from tasks.trace.selection import choose
from tasks.trace.settings import TraceSettings

SOURCES = 7  # stream of the trace's seed


class Sources:
    """Source states are computed when something is still to be traced; a rerun reads the pairs from their shard."""

    def __init__(self, settings: TraceSettings, inputs: TraceInputs, names: Names, out: StepFolder) -> None:
        self.settings, self.inputs, self.names, self.out = settings, inputs, names, out
        self.directions = inputs.source.W_dec.cpu()

    @cached_property
    def fit(self) -> pl.DataFrame:
        """Rows of traced_fit; writes them, and trace_source, before anything is traced."""
        if not self.out.has("fit"):
            found = measure_fit(self.inputs)
            with self.out.unit("fit") as unit:
                unit.table("traced_fit", table_frame("traced_fit", found.rows(self.inputs)))
                unit.table("trace_source", self._chosen(found.sources()))
        return self.out.read_table("traced_fit")

    def _chosen(self, firing: pl.DataFrame) -> pl.DataFrame:
        """Rows of trace_source. ``firing``: features that fire in the traced cells, as ``Fit.sources`` tells them."""
        living = firing.filter(pl.col("gene_rate") > 0)
        if self.settings.positions == "silent":
            living = living.filter("silent_beside")
        if self.inputs.traced is not None:
            living = living.filter(pl.col("feature").is_in(self.inputs.traced.tolist()))
        if living.is_empty():
            raise ScfmError(f"no feature of {self.names.source_sae} is active in the traced cells: train it longer")
        wanted, layer = self.settings.sources, self.names.source_layer
        seed = [self.settings.seed, layer, SOURCES]
        chosen = choose(wanted, layer, living["feature"].to_list(), self.inputs.catalogue, seed)
        known = firing.drop("silent_beside").join(chosen, on="feature", how="left")
        found = known.sort("feature").rename({"feature": "source_feature"})
        return found.with_columns(
            pl.col("selected").fill_null(value=False),
            source_sae=pl.lit(self.names.source_sae),
            rule=pl.lit(wanted.rule),
        )

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
    def change(self) -> Change:
        """By how much the ablation changes activations."""
        return change_of(self.settings, self.names.source_layer, self.states)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """Rows of trace_pair, sorted by feature and cell."""
        if not self.out.has("pairs"):
            self.fit  # noqa: B018 - written first: it says which features are traced
            with self.out.unit("pairs") as unit:
                norms = self.inputs.source.decoder_norms.cpu().double()
                found = pair_frame(
                    self.names, self.states, self._selected(), norms, self.change, self.settings.positions
                )
                unit.table("trace_pair", found)
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

    def _selected(self) -> Tensor:
        """The selected features, ascending."""
        chosen = self.out.read_table("trace_source").filter("selected")
        return torch.tensor(chosen["source_feature"].sort().to_list(), dtype=torch.int64)
