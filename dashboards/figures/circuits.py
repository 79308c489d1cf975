"""Figures of the circuits between features (bio-sae-circuits), on the tables of this run.

Most published panels were drawn from numbers typed into a script; each of these is drawn from a query.
"""

from functools import partial

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.degrees import hub_bars, named_bars
from dashboards.charts.edges import coherence_points
from dashboards.charts.effect_sizes import by_layer
from dashboards.charts.knowledge import beside_chance, null_histogram
from dashboards.charts.layers import layer_pair_map
from dashboards.charts.strongest import strongest_paths
from dashboards.charts.tested import above_bars, size_bars, two_studies
from dashboards.figures.choices import degrees, hub, kind, sharing, strongest, traced
from dashboards.figures.figure import Figure

PAPER = "circuits"
CASCADE = (
    "Cascades were put together by hand from pairs that share terms; features with many terms share one with nearly "
    "anything. Here the strongest such edges of the run are drawn, around the source with most of them."
)


def steps(rows: pl.DataFrame) -> go.Figure:
    """The steps of the run, in their order, by what they took."""
    return named_bars(rows["step"], rows["seconds"], "Seconds")


def one_source(rows: pl.DataFrame) -> go.Figure:
    """Coherence of the first source layer."""
    return coherence_points(rows.filter(pl.col("source_layer") == rows["source_layer"][0]))


def one_rule(rows: pl.DataFrame) -> go.Figure:
    """Edges by pair of layers, by the first rule."""
    kept = rows.filter((pl.col("effect") == rows["effect"].max()) & (pl.col("criterion") == rows["criterion"][0]))
    return layer_pair_map(kept)


def shared_pairs(tests: pl.DataFrame, draws: pl.DataFrame) -> go.Figure:
    """Pairs of domains in both studies, beside exchanged targets."""
    own = tests.filter(pl.col("null_kind") == "exchanged")
    if own.is_empty():
        return go.Figure()
    same = (pl.col("other") == own["other"][0]) & (pl.col("null_kind") == "exchanged")
    return null_histogram(draws.filter(same)["n_both"], float(own["n_both"][0]))


def depths(rows: pl.DataFrame) -> go.Figure:
    """Depth of the targets of domains, beside exchanged targets."""
    titles = ("Mean depth expected by chance", "Mean depth of the domain's features")
    return beside_chance(rows, ("expected_depth", "mean_depth"), "q", ["domain"], titles)


def classes(rows: pl.DataFrame) -> go.Figure:
    """Edges within classes of cells, beside exchanged targets."""
    titles = ("Share expected by chance", "Share of a source's edges that stay within its class")
    return beside_chance(rows, ("expected", "share"), "q", ["class"], titles)


def class_sizes(rows: pl.DataFrame) -> go.Figure:
    """Edges within each class."""
    own = rows.sort("n_within", "class", descending=[True, False])
    return named_bars(own["class"], own["n_within"], "Edges within the class")


CIRCUITS = (
    Figure(
        PAPER, "Pipeline", "Steps of the run", ("work_unit",), ("step_seconds",), steps,
        "Eight boxes in two rows (p4_fig_pipeline), typed.",
        "Drawn from what the run did, not from what was planned. The published scheme leaves out the cap of 50 edges "
        "for each source and target layer.",
    ),
    Figure(
        PAPER, "1A", "Sizes of effects", ("effect_size_summary",), ("effect_sizes",), size_bars,
        "Mean |d| 1.05, 0.98, 0.72 and 1.40, median 0.92, 0.87, 0.63 and 1.19 (K562; K562, multi-tissue SAE; Tabula "
        "Sapiens; scGPT).",
        "Published means are of edges alone, and of the 50 strongest of each source: a threshold of 0.5 and a cap "
        "decide most of their size. Grey stands for all tested pairs.", traced,
    ),
    Figure(
        PAPER, "1B", "Strong effects", ("effect_size_summary",), ("effect_sizes",), above_bars,
        "|d| above 1: 41.4, 34.4, 10.4 and 65.2 %; above 2: 4.3, 2.7, 0.8 and 14.0 %.",
        "As in 1A, shares of edges that were chosen for their size.", traced,
    ),
    Figure(
        PAPER, "1C", "Signs of effects", ("effect_size_summary",), ("effect_sizes",),
        partial(by_layer, value="share_negative", title="Target falls", null="null_negative", low="low", high="high"),
        "d below 0: 80.1, 79.9, 89.4 and 65.5 %.",
        "The published rule counts cells without an effect as negative: under sign flips, where both signs are equally "
        "likely, it prefers negative effects as well (dashed).", traced,
    ),
    Figure(
        PAPER, "2", "Attenuation", ("attenuation",), ("attenuation",),
        partial(by_layer, value="mean_edges", title="Edges of a source", null="expected_null", low="low", high="high"),
        "A, Geneformer: 211 edges one layer after layer 0, 190 six layers after, 58 in the last; B, scGPT: 154 on "
        "average from layer 0.",
        "Means of passing pairs without an interval and without what chance gives. A target layer whose autoencoder "
        "explains less has fewer edges for that reason alone.", traced,
    ),
    Figure(
        PAPER, "3A", "Coherence", ("coherence",), ("coherence",), one_source,
        "52.9, 68.8, 68.5 and 53.0 % of annotated edges share a term; a dashed line at 53 %.",
        "No chance level was given. Features with many terms share one with nearly anything: only targets alike in "
        "frequency and number of terms tell what an edge adds.", traced,
    ),
    Figure(
        PAPER, "3B", "Edges of two studies", ("source_contrast",), ("source_contrasts",), two_studies,
        "Passing pairs of a feature from L0 to L5: 200.7 with the K562 autoencoders, 236.3 with the multi-tissue ones "
        "(ratios 0.92 to 1.21).",
        "The published ratios have no interval. Two studies compare if their sources and cells are alike.", traced,
    ),
    Figure(
        PAPER, "4", "Strongest circuit", ("edge_stat", "edge"), ("edges",), strongest_paths,
        "16 nodes and 10 arrows (4a, Geneformer), 14 nodes and 9 arrows (4b, scGPT), as large as d of -8.19.",
        "Arrows were picked by hand. An edge says that the target changes when the source is taken out, cell after "
        "cell; where controls do as much it says nothing of that source.", strongest,
    ),
    Figure(
        PAPER, "5A", "Hubs", ("feature_degree",), ("degree_frequency",), hub_bars,
        "L0_F2905 Golgi organization 8,028; L0_F2982 RNA methylation 6,921; scGPT: L4_F446 6,494.",
        "Features that fire often are measured in more cells and reach more targets. A high degree alone makes no hub.",
        degrees,
    ),
    Figure(
        PAPER, "5B", "Edges between layers", ("feature_degree",), ("edges_by_layer_pair",), one_rule,
        "Percent of features reached against source layer, one line a model.",
        "The published percentage divides targets of several layers by the size of one layer. Edges are counted here "
        "for each pair of layers.",
    ),
    Figure(
        PAPER, "6A", "Dependence on cells", ("source_contrast",), ("source_contrasts",), two_studies,
        "Passing pairs from L0 to L5: 236.3 in K562 cells, 74.9 in Tabula Sapiens (0.20 to 0.39 as many).",
        "Fewer cells for each type give fewer edges whatever the cells are. Intervals here are over sources.", traced,
    ),
    Figure(
        PAPER, "7", "Cascade of edges that share a term", ("edge_stat", "annotation"), ("shared_terms",),
        strongest_paths,
        "Figures 7, 8 and 10: DNA-damage response (6 nodes, d -0.85 to -3.84), proteostasis in scGPT (10 nodes, to "
        "-8.19), mitosis (11 nodes).", CASCADE, sharing,
    ),
    Figure(
        PAPER, "9", "The largest hub and its targets", ("feature_degree", "edge_stat", "edge"), ("edges",),
        strongest_paths, "Hub L0_F146 (nervous-system development) with 7 arrows, d -0.81 to -1.32, 139 to 142 shared "
        "terms.",
        "A feature with 140 terms shares terms with most others. Among the largest hubs are features that fire on "
        "special tokens; see the tab Traced cells.", hub,
    ),
    Figure(
        PAPER, "11A", "Pairs of domains in two models", ("consensus_test",), ("consensus_tests", "consensus_draws"),
        shared_pairs, "1,142 pairs in both models, 107.3 by 1,000 permutations, 10.6 times as many, p below 0.001.",
        "The published permutation deals labels anew and loses which of them are sources: random wiring of real "
        "sources reaches 14 to 19 times as well. Here targets are exchanged among features like them.", kind,
    ),
    Figure(
        PAPER, "11B", "Depth of domains", ("domain_layer",), ("domain_layers",), depths,
        "Mean layer of the 8 earliest and 8 latest of 1,126 domains.",
        "Sources were traced from few layers and targets always lie later, so depth follows from sampling. Distances "
        "from the diagonal are what is left of it.", kind,
    ),
    Figure(
        PAPER, "12A", "Edges within classes of cells", ("class_enrichment",), ("class_tests",), classes,
        "Odds ratios of five classes; immune 3.18, p below 0.001.",
        "Classes were read from names of gene sets by parts of words: purine counted as urine, cytokinesis as "
        "cytokine. Edges were counted as independent.",
    ),
    Figure(
        PAPER, "12B", "Circuits of each class", ("class_enrichment",), ("class_tests",), class_sizes,
        "Immune: 179 of the 3,541 circuits of Tabula Sapiens alone and 22 of the 1,334 shared ones.",
        "Numbers grow with the number of features that bear a label; 12A holds them against that.",
    ),
)  # fmt: skip
