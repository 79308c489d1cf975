"""The work of step ``coherence``: edges of one source layer into each target layer, a unit for each.

1. The edges under the chosen rule, and the significant terms of their ends, told apart by library.
2. How many edges join two features that share a term, of those whose ends both have one.
3. The same after exchanging targets (``sharing``), by rule:
   ``matched``    within bins of firing frequency and number of terms, beyond what the ends' numbers of edges give
   ``unmatched``  among all annotated features of the layer
   ``published``  as unmatched, and terms of one name are one, whatever their libraries
   ``shuffled``   terms dealt anew to sources and targets alike, as the published permutation does, with its p
4. Benjamini-Hochberg over the target layers, rule by rule.

An edge between features about the same process is what a residual stream gives by itself: see whether the ends are one
direction carried on (step ``tracking``) before it is called a circuit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.coherence.sharing import (
    Annotated,
    Bins,
    Wiring,
    annotated,
    exact_mean,
    exchange_targets,
    like_targets,
    one_bin,
    published_p,
    sharing,
    shuffle_terms,
)
from tasks.analyses.coherence.step import CoherenceSettings
from tasks.analyses.traced import Traced
from tasks.references.names import in_library
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.null_draws import NullDraws, null_draw_frame
from tasks.step import Info, Inputs
from tasks.store import StepFolder, table_frame
from tasks.store.memory import require_memory

UNIT = "coherence"
RULES = ("matched", "unmatched", "published", "shuffled")
PUBLISHED_DRAWS = 500  # of the published shuffle; each goes through all edges
BYTES = 24  # for each pair of annotated features, at the peak
KEY = ["effect", "criterion", "source_sae", "target_sae", "rule"]
Row = dict[str, Any]


def compare_terms(settings: CoherenceSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one source layer's edges against the terms of their ends. Raises RequestError if memory is short."""
    traced = Traced.open("coherence", settings, inputs)
    if not out.has(UNIT):
        edges = traced.edges()
        described = {layer: StepFolder.open(folder) for layer, folder in inputs.layers("describe").items()}
        rows: list[Row] = []
        draws: list[pl.DataFrame] = []
        for layer, sae in traced.target_saes().items():
            ends = {"source_sae": traced.source_sae, "target_sae": sae}
            own = edges.filter(target_layer=layer)
            layers = (inputs.own_layer, layer)
            pair = tuple(Described.read(described[one]) for one in layers)
            for rule, tested in compare_rules(settings, own, pair, [settings.seed, *layers]).items():
                rows.append({**ends, "n_edges": own.height, "rule": rule, **tested.row(rule)})
                draws += [_draw_rows(rule, " to ".join(ends.values()), tested.draws)] if tested.n_pairs else []
        with out.unit(UNIT) as shard:
            shard.table("coherence", coherence_frame(traced.key, rows))
            drawn = pl.concat([table_frame("null_draw", []), *draws])
            shard.table("null_draw", drawn.sort("null_kind", "scope", "draw"))
    matched = out.read_table("coherence").filter(rule="matched")
    return {"n_pairs": int(matched["n_pairs"].sum()), "n_shared": int(matched["n_shared"].sum())}


@dataclass(frozen=True)
class Described:
    """Significant terms of features (feature, library, term), and frequencies (feature, frequency)."""

    terms: pl.DataFrame
    frequency: pl.DataFrame

    @classmethod
    def read(cls, folder: StepFolder) -> "Described":
        """Of a folder of step ``describe``."""
        terms = folder.read_table("annotation").filter("significant").select("feature", "library", "term")
        return cls(terms, folder.read_table("feature").select("feature", "frequency"))

    def annotated(self, vocabulary: dict[str, int], bare: bool) -> Annotated:
        """Terms told apart by library, or not if ``bare``."""
        term = pl.col("term") if bare else in_library("library", "term")
        return annotated(self.terms.select("feature", term=term), self.frequency, vocabulary)


@dataclass(frozen=True)
class Tested:
    """Edges with two annotated ends, how many share a term, and the draws of a null; its exact mean if known."""

    n_pairs: int
    n_shared: int
    draws: NullDraws
    bins: Bins
    mean: float | None

    def row(self, rule: str) -> Row:
        """The columns of table ``coherence`` behind rule; NULL where no edge has two annotated ends."""
        counts = {"n_pairs": self.n_pairs, "n_shared": self.n_shared}
        if not self.n_pairs:
            empty = ("share", "null_mean", "null_sd", "fold", "p", "n_bins", "movable", "share_identical")
            return {**counts, **dict.fromkeys(empty), "n_null": 0}
        mean = self.draws.mean[0] if self.mean is None else self.mean
        binned = rule != "shuffled"
        return {
            **counts,
            "share": counts["n_shared"] / self.n_pairs,
            "null_mean": mean / self.n_pairs,
            "null_sd": self.draws.sd[0] / self.n_pairs,
            "fold": counts["n_shared"] / mean if mean else None,
            "p": self.draws.p()[0] if binned else published_p(self.draws),
            "n_bins": self.bins.n_bins if binned else None,
            "movable": self.bins.movable if binned else None,
            "share_identical": self.draws.share_identical[0],
            "n_null": len(self.draws.values),
        }


def compare_rules(
    settings: CoherenceSettings, edges: pl.DataFrame, pair: tuple[Described, ...], seed: list[int]
) -> dict[str, Tested]:
    """Steps 2 and 3 for the ``edges`` between a ``pair`` of layers."""
    features = edges["source_feature"].to_numpy().astype(np.int64), edges["target_feature"].to_numpy().astype(np.int64)
    found = {}
    for number, rule in enumerate(RULES):
        vocabulary: dict[str, int] = {}
        sources, targets = (end.annotated(vocabulary, bare=rule == "published") for end in pair)
        require_memory(
            BYTES * sources.feature.size * targets.feature.size, "comparing terms", "set coherence.wanted = false"
        )
        wiring = Wiring.of(features, sources, targets)
        found[rule] = one_rule(settings, rule, wiring, (sources, targets), [*seed, number])
    return found


def one_rule(
    settings: CoherenceSettings, rule: str, wiring: Wiring, ends: tuple[Annotated, Annotated], seed: list[int]
) -> Tested:
    """The edges of ``wiring`` between annotated ``ends`` under one rule."""
    shares, n_pairs, n_draws = sharing(*ends), wiring.source.size, settings.n_draws
    if not n_pairs:
        nothing = NullDraws(np.zeros(1), np.zeros((n_draws, 1)))
        return Tested(0, 0, nothing, Bins(np.zeros(0, dtype=np.int64), 0.0), None)
    counts = n_pairs, int(np.count_nonzero(shares[wiring.source, wiring.target]))
    if rule == "shuffled":
        shuffled = shuffle_terms(wiring, shares, min(n_draws, PUBLISHED_DRAWS), seed)
        return Tested(*counts, shuffled, one_bin(wiring, ends[1]), None)
    matrix, given, bins = wiring.exchange(shares), 0.0, one_bin(wiring, ends[1])
    if rule == "matched":
        margins, bins = wiring.margins(shares), like_targets(wiring, ends[1], settings.bins)
        matrix, given = matrix - margins, float(np.trace(margins))
    draws = exchange_targets(matrix, bins.bin, n_draws, seed, given)
    return Tested(*counts, draws, bins, exact_mean(matrix, bins.bin) + given)


def coherence_frame(key: dict[str, str], rows: list[Row]) -> pl.DataFrame:
    """Table ``coherence``, with q over the target layers of each rule (step 4)."""
    for rule in RULES:
        family = [row for row in rows if row["rule"] == rule and row["p"] is not None]
        q = benjamini_hochberg(np.array([row["p"] for row in family]))
        for row, value in zip(family, q, strict=True):
            row["q"] = value
    return table_frame("coherence", [{**key, "q": None, **row} for row in rows]).sort(KEY)


def _draw_rows(rule: str, scope: str, draws: NullDraws) -> pl.DataFrame:
    return null_draw_frame(draws, analysis="coherence", statistic="n_shared", null_kind=rule, scopes=[scope])
