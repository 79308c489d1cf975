"""The work of step ``stability``: one source layer.

1. ``run_pair_stability``: effects of the same sources in disjoint draws of cells, by size and by cell type
   (``replicates``), on a sample of the sources.
2. ``edge_coexpression``, ``regression_summary``: the size of effects beside the co-expression of the features' genes
   (``expression``, ``pairs``, ``regression``), of all sources.
3. ``fdr_threshold``: how large an effect must be to be called at so many tests (``thresholds``).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.effect_sizes.archive import Archive, n_blocks
from tasks.analyses.effect_sizes.halves import Targets
from tasks.analyses.stability.expression import Expression, gene_lists
from tasks.analyses.stability.pairs import CURVES, RULES, Beside, read_stat
from tasks.analyses.stability.regression import N_SUMS, regression_row
from tasks.analyses.stability.replicates import Replicates, draws_by_label, draws_by_size
from tasks.analyses.stability.step import StabilitySettings
from tasks.analyses.stability.thresholds import threshold_rows
from tasks.analyses.traced import open_trace
from tasks.cells.reader import CellsReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import flip_rules

UNITS = ("draws", "coexpression", "thresholds")
SOURCES, BY_SIZE, BY_LABEL, CELLS, FOLDS = range(5)  # streams of the seed
KEYS = {
    "run_pair_stability": ["kind", "n_cells", "first", "second", "criterion", "target_sae"],
    "edge_coexpression": ["rule", "target_sae", "low"],
    "regression_summary": ["rule", "target_sae"],
    "fdr_threshold": ["target_sae", "n_cases"],
}
Row = dict[str, Any]


def measure_stability(settings: StabilitySettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one source layer's effects against other cells and co-expression. Raises RequestError if not traced."""
    folder, degrees = open_trace("stability", settings.effect, inputs)
    ends = degrees.filter(direction="out").select("other_layer", "other_sae").unique().sort("other_layer")
    saes: dict[int, str] = dict(ends.iter_rows())
    archive = Archive.open(folder, settings.effect, inputs, list(saes))
    source = str(degrees.filter(direction="out")["sae_id"][0])
    layer = Layer(settings, inputs, archive, source, saes)
    for unit, tables in zip(UNITS, (layer.draws, layer.coexpression, layer.thresholds), strict=True):
        if not out.has(unit):
            found = tables()
            with out.unit(unit) as shard:
                for table, rows in found.items():
                    shard.table(table, table_frame(table, rows).sort(KEYS[table]))
    r2 = out.read_table("regression_summary").filter(rule="partial")["r2"].drop_nulls()
    return {"largest_r2": None if r2.is_empty() else float(np.max(r2.to_numpy()))}


@dataclass(frozen=True)
class Layer:
    """A source layer's trace; ``saes``: autoencoder of every target layer."""

    settings: StabilitySettings
    inputs: Inputs
    archive: Archive
    source_sae: str
    saes: dict[int, str]

    def seed(self, *stream: int) -> list[int]:
        """The seed of a stream."""
        return [self.settings.seed, self.archive.layer, *stream]

    def key(self, layer: int) -> Row:
        """What rows of a target layer have in common."""
        return {"effect": self.settings.effect, "source_sae": self.source_sae, "target_sae": self.saes[layer]}

    @cached_property
    def cells(self) -> CellsReader:
        """The chosen cells."""
        return CellsReader(self.inputs.folder("cells"))

    def draws(self) -> dict[str, list[Row]]:
        """Step 1."""
        sources, wanted = self.archive.sources, self.settings
        if len(sources) > wanted.sources:
            drawn = np.random.default_rng(self.seed(SOURCES)).permutation(len(sources))[: wanted.sources]
            sources = [sources[place] for place in sorted(drawn.tolist())]
        traced = self.archive.pairs["cell_id"].unique().sort().to_list()
        units = self.archive.units
        of_cell = {cell: f"{cell:010d}" if units is None else units.of_cell[cell] for cell in traced}
        label = dict(self.cells.cells().select("cell_id", "label").iter_rows())
        every = [
            *draws_by_size(of_cell, wanted.least_cells, wanted.draws, self.seed(BY_SIZE)),
            *draws_by_label(of_cell, label, wanted.label_cells, self.seed(BY_LABEL)),
        ]
        n, rules = len(set(of_cell.values())), flip_rules(self.archive.settings)
        compared = [Replicates(one, rules, Targets(self.archive.sizes), one.n / n) for one in every]
        for block in track(self.archive.blocks(sources), "effects in draws of cells", n_blocks(sources), "block"):
            for pair in compared:
                pair.take(block, self.archive)
        rows = [row for pair in compared for row in pair.rows()]
        return {"run_pair_stability": [{**self.key(row.pop("target_layer")), **row} for row in rows]}

    def coexpression(self) -> dict[str, list[Row]]:
        """Step 2."""
        beside, layers = self._beside(), sorted(self.saes)
        shards = self.archive.folder.shards("edge_stat")
        for path in track(shards, "effects beside co-expression", len(shards), "shard"):
            beside.take(read_stat(path, self.settings.effect, self.archive.sources))
        curves = [
            {**self.key(layer), "rule": rule, **row}
            for layer in layers
            for rule in CURVES
            for row in beside.curve_rows(rule, layer)
        ]
        summary = []
        for layer in layers:
            for place, rule in enumerate(RULES):
                own = beside.sums.get((rule, layer), {})
                parts = np.array([own[one] for one in sorted(own)]).reshape(-1, N_SUMS)
                seed = self.seed(FOLDS, layer, place)
                row = regression_row(parts, self.settings.folds, self.settings.n_draws, seed)
                summary.append({**self.key(layer), "rule": rule, **row})
        return {"edge_coexpression": curves, "regression_summary": summary}

    def _beside(self) -> Beside:
        layers = [self.archive.layer, *sorted(self.saes)]
        folders = self.inputs.layers("describe")
        described = {layer: StepFolder.open(folders[layer]).read_table("feature_gene") for layer in layers}
        saes = self.inputs.layers("sae")
        sizes = {layer: int(StepFolder.open(saes[layer]).info["n_features"]) for layer in layers}
        known = self.cells.genes()["gene_id"].to_list()
        genes = gene_lists(described, sizes, self.settings.genes, known)
        most = self.settings.expression_cells
        expression = Expression.read(self.cells, genes.symbols, most, self.seed(CELLS))
        published = flip_rules(self.archive.settings)[0]
        return Beside(genes, expression, self.archive.layer, published)

    def thresholds(self) -> dict[str, list[Row]]:
        """Step 3."""
        wanted = self.inputs.sections.of(TraceSettings)
        shards = self.archive.folder.shards("edge_stat")
        rows = []
        for layer in sorted(self.saes):
            asked = pl.col("effect") == self.settings.effect, pl.col("target_layer") == layer
            columns = pl.coalesce("n_units", "n_cells").alias("n"), pl.col("d"), pl.col("p"), pl.col("q")
            parts = [pl.scan_parquet(path, glob=False).filter(*asked).select(columns).collect() for path in shards]
            stat = pl.concat(parts).drop_nulls("p") if parts else None
            if stat is not None and not stat.is_empty():
                found = threshold_rows(stat, wanted.q_max, wanted.n_flips, wanted.fine_flips)
                rows += [{**self.key(layer), **row} for row in found]
        return {"fdr_threshold": rows}
