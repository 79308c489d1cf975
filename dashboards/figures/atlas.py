"""Figures of the published atlases of features (bio-sae): numbered by the pages of their application."""

from functools import partial

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.across import highway_bars, persistence_lines, persistence_rates
from dashboards.charts.features import cell_type_bars, feature_map, gene_bars
from dashboards.charts.flow import sankey
from dashboards.charts.genes import features_by_layer, ranks_by_layer
from dashboards.charts.interventions import response_bars
from dashboards.charts.layers import annotation_bars, layer_bars, library_bars
from dashboards.charts.modules import cluster_bars, modularity_bars, module_bars
from dashboards.charts.patching import patch_scatter
from dashboards.charts.subspace import EQUAL, PUBLISHED, share_bars, variance_bars
from dashboards.figures.choices import gene, layer, telling, term
from dashboards.figures.figure import Figure
from dashboards.flow import gathered, widest

PAPER = "atlas"


def annotation(rows: pl.DataFrame) -> go.Figure:
    """Annotation of the first library."""
    return annotation_bars(rows.filter(pl.col("library") == rows["library"].min()))


def found_again(rows: pl.DataFrame) -> go.Figure:
    """Persistence with its null where that was computed."""
    return (
        persistence_rates(rows.filter(pl.col("rule") == rows["rule"][0]))
        if rows["low"].count()
        else persistence_lines(rows)
    )


def variance(rows: pl.DataFrame) -> go.Figure:
    """Variance at equal budgets where that was computed, else as published."""
    return variance_bars(rows, EQUAL if rows["pca_best"].count() else PUBLISHED)


def flow(rows: pl.DataFrame) -> go.Figure:
    """Links between modules."""
    return sankey(widest(gathered(rows)), "ratio", {})


def patches(rows: pl.DataFrame) -> go.Figure:
    """Own and other genes by the published rule."""
    own = rows.filter(pl.col("rule") != "paired")
    return patch_scatter(own, "Mean change") if own.height else go.Figure()


def shares(rows: pl.DataFrame) -> go.Figure:
    """Directions in the first axes."""
    return share_bars(rows, int(rows["rank"][0]))


def one_rule(rows: pl.DataFrame) -> go.Figure:
    """Features without annotation by the run's first rule."""
    return cluster_bars(rows.filter(pl.col("rule") == rows["rule"][0]))


GENE = {"expected": "to expect if lists held all genes alike"}
TERM = {"expected": "labelled by the mean set of the library", "by_chance": "on random lists"}

ATLAS = (
    Figure(
        PAPER, "Overview A", "Annotated features by layer", ("annotation_summary",), ("annotation_by_layer",),
        annotation,
        "52.4 % of Geneformer's features (45.4 to 58.6 % by layer) and 31.0 % of scGPT's (28.7 to 33.9 %): "
        "overview page of the atlases.",
        "The published test leaves out overlaps below two genes before it corrects, so random gene lists come out "
        "annotated about as often. Only the difference to the grey bars is knowledge.",
    ),
    Figure(
        PAPER, "Overview B", "Annotated features by library", ("annotation_summary",), ("annotation_by_layer",),
        library_bars,
        "Significant rows in Geneformer: 145,106 of GO, 154,253 of Reactome, 34,486 of KEGG, 2,222 of TRRUST "
        "regulators, 3,924 of STRING.",
        "The paper counts rows, which grow with the size of a library; here features are counted. No bar has a null "
        "here: see the figure before.",
    ),
    Figure(
        PAPER, "Overview C", "Variance explained by layer", ("sae",), ("layer_quality",),
        partial(layer_bars, column="variance_explained", title="Variance explained"),
        "0.775 to 0.862 in Geneformer, mean 0.825 (0.768 to 0.853 in the paper's own table); 0.857 to 0.935 in scGPT.",
        "Published values are of training positions; these are of held-out cells. Variance says nothing about meaning.",
    ),
    Figure(
        PAPER, "Layers", "Map of the features of a layer", ("feature",), ("feature_map",),
        partial(feature_map, colour="frequency"),
        "A scatter of one layer, coloured by module, annotations, frequency, ontology or alignment.",
        "The published map is a force layout of random edges within modules, though it is called a UMAP. Here near "
        "points have similar decoder directions, as far as two axes can show it.", layer,
    ),
    Figure(
        PAPER, "Feature A", "First genes of a feature", ("feature_gene",), ("feature_genes",), gene_bars,
        "Bars of the 20 first genes of an annotated feature.",
        "Published bars are mean activations where the feature fires, whatever the number of positions. Scores here "
        "have an interval over cells.", telling,
    ),
    Figure(
        PAPER, "Feature B", "Cell types of a feature", ("feature_cell_type",), ("feature_cell_types",), cell_type_bars,
        "79,026 of Geneformer's and 23,715 of scGPT's features are called enriched for a cell type.",
        "The published test counts cells, not donors, among the cells where a feature is most active, so nearly "
        "every feature is enriched. Here cells of like length are compared, and only called types are coloured.",
        telling,
    ),
    Figure(
        PAPER, "Feature C", "Features that answer to genes switched off", ("perturbation_target",), ("perturbations",),
        response_bars, "92 of 100 knock-downs have an answering feature, 2.54 on average; 3 of 48 regulators are "
        "specific.",
        "Features that hardly fire answer to anything by that rule: 193 of the 220 large effects in the published "
        "files are of features with fewer than 100 firings.",
    ),
    Figure(
        PAPER, "Modules A", "Modules by layer", ("module",), ("modules",), module_bars,
        "141 modules in Geneformer, 6 to 12 a layer, which cover 96.0 to 99.5 % of the features; 76 in scGPT.",
        "Modules were chosen for how firmly they hang together. Numbers depend on a resolution; the next figure says "
        "whether there is more than rewired networks give.",
    ),
    Figure(
        PAPER, "Modules B", "Modularity beside rewired networks", ("module",), ("modules",), modularity_bars,
        "The paper has no null for its modules.",
        "Bars of the rewired networks reach two standard deviations. Where both are equal, there are no modules.",
    ),
    Figure(
        PAPER, "Flow A", "Directions found again", ("persistence",), ("persistence",), found_again,
        "1.9 to 3.4 % from a layer of Geneformer to the next; of layer 0, 114 of 4,608 in layer 1 and 0 to 2 beyond "
        "layer 8.",
        "The published rule asks for a cosine of 0.7 or more. It has no null, and no ceiling: another seed of one "
        "layer is not found again in full either.",
    ),
    Figure(
        PAPER, "Flow B", "Highways", ("cross_layer_summary",), ("highways",), highway_bars,
        "98.4, 97.4 and 99.8 % of Geneformer's features have a link of pointwise mutual information above 3.",
        "Rare features reach that by few joint firings. In the atlas of another model, independent firing gives 98.96 "
        "to 99.74 %: the share is no finding by itself.",
    ),
    Figure(
        PAPER, "Flow C", "Flow between modules", ("cross_layer_link", "module_feature"), ("module_flow",), flow,
        "A table of the 20 strongest pairs; the paper draws no flow.",
        "A ribbon counts features that fire together. Between neighbouring layers most of it is one direction carried "
        "along by the residual stream. It is no causal effect.",
    ),
    Figure(
        PAPER, "Genes A", "One gene by layer", ("feature_gene",), ("gene_layers",),
        partial(features_by_layer, lines=GENE), "A scatter of layer against rank (0 to 4).",
        "Drawn for the gene that most features list. The published search covers the five first genes alone.", gene,
    ),
    Figure(
        PAPER, "Genes B", "Ranks of one gene", ("feature_gene",), ("gene_features",), ranks_by_layer,
        "Ranks 0 to 4, coloured by module.", "Drawn for the gene that most features list.", gene,
    ),
    Figure(
        PAPER, "Pathways", "One gene set by layer", ("annotation",), ("pathway_layers",),
        partial(features_by_layer, lines=TERM), "Stacked bars of features by layer.",
        "Drawn for the gene set that labels most features: large sets do so by their size. Beside it stand the mean "
        "set of the library and random lists.", term,
    ),
    Figure(
        PAPER, "Comparisons A", "Autoencoders beside principal axes", ("svd_layer",), ("singular_vectors",), variance,
        "Fifty singular vectors hold 31.5 to 38.0 % of the variance, the autoencoder 76.8 to 85.3 %: 2.4 times as "
        "much.",
        "4,608 directions were set against 50. At an equal number of values for each position the comparison turns "
        "out otherwise; see the bars of this run.",
    ),
    Figure(
        PAPER, "Comparisons B", "Shares of directions in the first axes", ("subspace_histogram",),
        ("subspace_shares",), shares,
        "82,336 of 82,525 features (99.8 %) are invisible to the first fifty axes.",
        "A random direction is just as invisible: in many dimensions hardly any direction lies near one of fifty axes.",
        layer,
    ),
    Figure(
        PAPER, "Comparisons C", "Causal specificity", ("causal_patch",), ("patches",), patches,
        "50 features of Geneformer: median ratio 2.36, mean 8.98, 44 above 1, 30 above 2; scGPT: median 0.98.",
        "The ratio divides by small numbers: a large one is often a small effect on other genes. The tab Causal "
        "patching has controls beside the features.",
    ),
    Figure(
        PAPER, "Novel", "Features without annotation", ("novel_summary",), ("novel_by_layer",), one_rule,
        "15, 19, 11 and 12 clusters in layers 0, 5, 11 and 17; 95.3 to 98.5 % stand beside an annotated feature.",
        "In the atlas of another model, 99.96 to 100 % stand beside an annotated feature with shuffled labels.",
    ),
)  # fmt: skip
