"""The work of step ``effect_sizes``: the effects of one source layer, by rule and target layer.

1. Sources pass a few at a time (``archive``). Of each: what sign flips make of its effects (``chance``), its edges, its
   effects in two halves of the cells (``halves``, ``agreement``).
2. Over all sources: attenuation, sizes and signs (``by_layer``); edges of targets beside how readily they answer
   (``response``); the grid of thresholds under the published rule (``tasks.trace.significance.sweep``).

``published_capped`` is the published rule as it was published: of each source's edges in a target layer, the fifty of
largest |d|. It fills its cap rather than find a number of edges, and what is left are the largest effects.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.effect_sizes.agreement import Compared
from tasks.analyses.effect_sizes.archive import Archive, Block
from tasks.analyses.effect_sizes.by_layer import attenuation_row, counted, ecdf_rows, size_row, strongest
from tasks.analyses.effect_sizes.chance import flipped_counts, nothing, observed_counts
from tasks.analyses.effect_sizes.halves import CAPPED, TESTED, Bar, Targets, both_halves, split_cells
from tasks.analyses.effect_sizes.response import response_rows, responses
from tasks.analyses.effect_sizes.step import EffectSizesSettings
from tasks.analyses.traced import ENDS, open_trace
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.progress import track
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import called
from tasks.trace.significance.pair_tests import by_feature
from tasks.trace.significance.rules import Rule, flip_rules, rules
from tasks.trace.significance.sweep import grid_rows

UNIT = "effect_sizes"
FLIPS, HALVES, DRAWS = 0, 1, 2  # streams of the seed
Row = dict[str, Any]
KEYS = {
    "attenuation": ["criterion", "target_sae"],
    "effect_size_summary": ["criterion", "target_sae"],
    "effect_size_ecdf": ["target_sae", "d_min"],
    "target_response": ["criterion", "target_sae", "target_feature"],
    "split_half": ["criterion", "target_sae"],
    "threshold_sweep": ["effect_min", "consistency_min"],
}


def summarise_effects(settings: EffectSizesSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Summarise the effects of one source layer. Raises RequestError if they were not traced."""
    folder, degrees = open_trace("effect_sizes", settings.effect, inputs)
    if not out.has(UNIT):
        ends = degrees.filter(direction="out").select("other_layer", "other_sae").unique().sort("other_layer")
        saes: dict[int, str] = dict(ends.iter_rows())
        archive = Archive.open(folder, settings.effect, inputs, list(saes))
        source = str(degrees.filter(direction="out")["sae_id"][0])
        layer = Summaries(settings, archive, source, saes, rules(inputs.sections.of(TraceSettings)))
        for block in track(archive.blocks(), f"effects of layer {inputs.own_layer}", layer.n_blocks, "block"):
            layer.take(block)
        found = layer.tables(degrees.filter(direction="in"))
        with out.unit(UNIT) as unit:
            for table, rows in found.items():
                unit.table(table, table_frame(table, rows).sort(KEYS[table]))
    summary = out.read_table("split_half").filter(criterion="calibrated")
    return {"n_edges": int(summary["n_first"].sum()), "n_repeated": int(summary["n_both"].sum())}


@dataclass
class Summaries:
    """What is collected of one source layer while blocks of its sources pass; ``saes``: of every target layer."""

    settings: EffectSizesSettings
    archive: Archive
    source_sae: str
    saes: dict[int, str]
    rules: list[Rule]
    edges: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    grid: list[Any] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)

    def __post_init__(self) -> None:
        self.layers, self.flips = sorted(self.saes), flip_rules(self.archive.settings)
        self.observed = self.chance = nothing(len(self.flips), len(self.layers))
        self.targets = Targets(self.archive.sizes)
        cells = self.archive.pairs["cell_id"].unique().sort().to_list()
        self.halves = split_cells(cells, self.archive.units, self.seed(HALVES))
        self.bar = Bar.of(self.rules, self._least_excess())

    @property
    def n_blocks(self) -> int:
        """Blocks that will pass."""
        return self.archive.n_blocks

    def seed(self, *stream: int) -> list[int]:
        """The seed of a stream."""
        return [self.settings.seed, self.archive.layer, *stream]

    def take(self, block: Block) -> None:
        """Count one block of sources."""
        for rule in self.rules:
            self.edges.setdefault(rule.name, []).append(called(block.stat, rule).select(*ENDS, "d"))
        for part in by_feature(block.effects, None, self.archive.units):
            own = observed_counts(part, self.layers, self.flips)
            seed = self.seed(FLIPS, part.feature)
            self.chance += flipped_counts(part, self.layers, self.flips, self.settings.null_flips, seed)
            self.observed += own
            self.grid.append(own.grid)
        pair = both_halves(block.effects, block.beside, self.halves, self.bar, self.targets, self.archive.units)
        self.compared.add(*pair, self.targets)

    def tables(self, targets: pl.DataFrame) -> dict[str, list[Row]]:
        """Rows of every table; ``targets``: rows of feature_degree that count edges reaching a feature."""
        edges = {name: pl.concat(found) for name, found in self.edges.items()}
        edges |= {CAPPED: strongest(edges["published"])}
        edges |= {TESTED: self.archive.tested().select(*ENDS, "d").collect()}
        rows: dict[str, list[Row]] = {table: [] for table in KEYS}
        for place, layer in enumerate(self.layers):
            ends = {**self.key, "target_sae": self.saes[layer]}
            for number, (name, found) in enumerate(edges.items()):
                about = {**ends, "criterion": name}
                faded, sized = self._of_rule(name, found, place, self.seed(DRAWS, layer, number))
                rows["attenuation"] += [] if name == TESTED else [{**about, **faded}]
                rows["effect_size_summary"].append({**about, **sized})
            n_tested = len(self.archive.sources) * self.archive.sizes[layer]
            rows["effect_size_ecdf"] += [{**ends, **r} for r in ecdf_rows(self.observed, self.chance, place, n_tested)]
            rows["split_half"] += [
                {**ends, "criterion": name, **self.compared.row(name, layer)} for name in self.bar.names
            ]
        rows["threshold_sweep"] = self._sweep()
        if n := self.archive.companions.height:
            answered = responses(self.archive.companion_files, n, self.archive.sizes)
            rows["target_response"] = [{**self.key, **row} for row in response_rows(targets, answered)]
        return rows

    @property
    def key(self) -> dict[str, str]:
        """What all rows have in common."""
        return {"effect": self.settings.effect, "source_sae": self.source_sae}

    def _of_rule(self, name: str, edges: pl.DataFrame, place: int, seed: list[int]) -> tuple[Row, Row]:
        sources, n_draws = self.archive.sources, self.settings.n_draws
        degree, negative = counted(edges, sources, self.layers[place])
        somewhere = np.isin(sources, edges["source_feature"].unique().to_numpy())
        faded = attenuation_row(degree, somewhere, n_draws, seed)
        d = edges.filter(target_layer=self.layers[place])["d"].to_numpy()
        sized = size_row(d, degree, negative, n_draws, [*seed, 1])
        expected, share = self._by_chance(name, place)
        return {**faded, "expected_null": expected}, {**sized, "null_negative": share}

    def _by_chance(self, name: str, place: int) -> tuple[float | None, float | None]:
        """Edges a source by chance, and share of these that is negative; None where flips cannot tell."""
        known = [rule.name for rule in self.flips]
        if name not in known:
            return None, None
        row = known.index(name)
        n, negative = self.chance.passing[row, place], self.chance.negative[row, place]
        return float(n / len(self.archive.sources)), float(negative / n) if n else None

    def _sweep(self) -> list[Row]:
        about = {**self.key, "source_layer": self.archive.layer, "criterion": "published"}
        return [{**about, **row} for row in grid_rows(np.vstack(self.grid), self.chance.grid)]

    def _least_excess(self) -> dict[int, float]:
        controlled = [rule for rule in self.rules if rule.controlled]
        if not controlled:
            return {}
        specific = called(
            self.archive.tested().filter(pl.col("q_specific") <= controlled[0].q_max).collect(), controlled[0]
        )
        return dict(specific.group_by("target_layer").agg(pl.col("excess").min()).iter_rows())
