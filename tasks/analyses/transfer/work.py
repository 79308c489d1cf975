"""The work of step ``transfer``: one source layer here beside the same layer of every other study.

1. ``transfer_summary``: how edges are spread over the features that fire in the traced cells, here and there
   (``degrees``). Autoencoders may differ; cells may, too.
2. ``transfer_edge``: where the source layer's autoencoder is the same one, whether the edges are the same, by target
   layer whose autoencoder is the same as well (``overlap``). Features of two autoencoders share nothing but numbers.
3. The most to expect is what the halves of one trace have in common (``split_half``): it is given for both, where step
   effect_sizes was made. Halves hold half the cells and judge effect and agreement alone, so it is a rough ceiling.
4. ``run_pair_stability``: whether effects of the same sources have one size and sign (``pairs``); ``source_contrast``:
   whether other sources of the layer have other edges (``contrast``). Both for the same autoencoders.
5. ``paired_gene_pair``: the genes of the two ends of edges, which studies with other models have in common as well
   (``gene_pairs``).
6. ``class_contrast``: whether edges of features of a type of cells stay among them more in these cells than in those
   (``classes``), for the same autoencoders.
"""

from typing import Any

import polars as pl

from tasks.analyses.traced import open_trace
from tasks.analyses.transfer.classes import Ends, class_rows
from tasks.analyses.transfer.contrast import contrast_rows
from tasks.analyses.transfer.degrees import STATISTICS, statistics
from tasks.analyses.transfer.gene_pairs import gene_pair_rows
from tasks.analyses.transfer.overlap import overlap_row
from tasks.analyses.transfer.pairs import study_rows
from tasks.analyses.transfer.side import Side
from tasks.analyses.transfer.step import TransferSettings
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame

UNIT = "transfer"
CONTRAST, GENE_PAIRS, CLASSES = 1, 2, 3  # streams of the seed, beside that of overlap
Row = dict[str, Any]
Pair = tuple[pl.DataFrame, pl.DataFrame]
KEYS = {
    "transfer_summary": ["other", "statistic"],
    "transfer_edge": ["other", "target_sae"],
    "run_pair_stability": ["second", "target_sae", "criterion"],
    "source_contrast": ["other", "target_sae", "statistic"],
    "paired_gene_pair": ["other", "scaling"],
    "class_contrast": ["other", "class"],
}


def compare_studies(settings: TransferSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one source layer's edges against those of other studies. Raises RequestError if they measured otherwise."""
    if not out.has(UNIT):
        open_trace("transfer", settings.effect, inputs)  # which names the effects that there are
        layer = inputs.own_layer
        mine = Side.open(settings, layer, dict(inputs.steps))
        rows: dict[str, list[Row]] = {table: [] for table in KEYS}
        for name, steps in sorted(inputs.others.items()):
            there = Side.open(settings, layer, dict(steps))
            _require_like(mine, there, name)
            for table, found in compared(settings, mine, there, layer, name).items():
                rows[table] += found
        with out.unit(UNIT) as unit:
            for table, found in rows.items():
                unit.table(table, table_frame(table, found).sort(KEYS[table]))
    edges = out.read_table("transfer_edge")
    return {"n_own": int(edges["n_own"].sum()), "n_both": int(edges["n_both"].sum())}


def _require_like(mine: Side, there: Side, name: str) -> None:
    """Raises RequestError if sources were changed otherwise there: sizes and signs would mean different things."""
    if mine.change != there.change:
        raise RequestError(
            f"transfer.wanted: this study traces {mine.change}, with.{name} traces {there.change}: set the same "
            "trace.ablation, trace.multiplier and trace.positions in both"
        )


def compared(settings: TransferSettings, mine: Side, there: Side, layer: int, name: str) -> dict[str, list[Row]]:
    """Rows of every table about one other study."""
    about = {"effect": settings.effect, "source_sae": mine.sae, "other": name}
    rules = {"criterion": mine.rule.name, "other_criterion": there.rule.name, "other_sae": there.sae}
    seed = [settings.seed, layer]
    pairs = gene_pair_rows(settings, mine, there, layer, [*seed, GENE_PAIRS])
    found = {
        "transfer_summary": [{**about, **rules, **row} for row in summary_rows(mine, there)],
        "paired_gene_pair": [{**about, **rules, **row} for row in pairs],
    }
    if mine.sae != there.sae:
        return found
    found |= {"transfer_edge": [], "run_pair_stability": [], "source_contrast": []}
    ends: list[Ends] = []
    for place, (sae, target) in enumerate(mine.targets.items()):
        if sae in there.targets:
            pair = mine.stat(sae), there.stat(sae)  # of one target layer at a time
            edge = edge_row(settings, mine, there, pair, sae, [*seed, target])
            contrasts = contrast_rows(settings, (mine, there), pair, (layer, target), [*seed, CONTRAST, place])
            own = {"effect": settings.effect, "source_sae": mine.sae, "target_sae": sae}
            found["transfer_edge"].append({**about, **rules, **edge})
            found["run_pair_stability"] += [{**own, **row} for row in study_rows(mine, there, pair, name)]
            found["source_contrast"] += [{**about, **rules, "target_sae": sae, **row} for row in contrasts]
            ends.append(Ends(target, *(one.select("source_feature", "target_feature", "edge") for one in pair)))
    classes = class_rows(mine, there, layer, ends, settings.n_draws, [*seed, CLASSES])
    found["class_contrast"] = [{**about, **rules, **row} for row in classes]
    return found


def summary_rows(mine: Side, there: Side) -> list[Row]:
    """Step 1."""
    own, other = statistics(mine.features), statistics(there.features)
    return [{"statistic": name, "own": own[name], "theirs": other[name]} for name in STATISTICS]


def edge_row(settings: TransferSettings, mine: Side, there: Side, pair: Pair, target_sae: str, seed: list[int]) -> Row:
    """Steps 2 and 3 for one target layer of the same autoencoders; ``pair``: tested pairs here and there."""
    sources = sorted(set(mine.sources) & set(there.sources))
    frequency = dict(mine.features.select("feature", "frequency").iter_rows())
    ends = pair[0].filter("edge"), pair[1].filter("edge")
    found = overlap_row(ends, sources, frequency, settings.n_draws, seed)
    ceilings = {"ceiling": mine.ceiling(target_sae), "ceiling_there": there.ceiling(target_sae)}
    return {"target_sae": target_sae, "n_sources": len(sources), **found, **ceilings}
