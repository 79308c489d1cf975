"""Figures of the exhaustive map of layer 5 (sae-biological-map), on the tables of this run."""

from dashboards.charts.degrees import degree_histogram, hub_bars, odds_points, rank_points, two_rules
from dashboards.charts.edges import decile_points
from dashboards.charts.perturbations import strength_points
from dashboards.charts.tested import sweep_curves
from dashboards.figures.choices import degrees, every_source, readout, strengths, tail, traced
from dashboards.figures.circuits import one_rule
from dashboards.figures.exhaustive_rows import (
    agreement,
    by_layer,
    costs,
    costs_by_frequency,
    degree_of_frequency,
    doses,
    draws,
    energies,
    law,
    probes,
    ratios,
    shares,
    spread,
    superadditive,
    vuong,
)
from dashboards.figures.figure import Figure

PAPER = "map"
STEERED = ("steering_summary", "steering_feature")

EXHAUSTIVE = (
    Figure(
        PAPER, "1A", "Features by number of edges", ("feature_degree",), ("degree_frequency",), degree_histogram,
        "4,065 features of layer 5: median 284, mean 343, largest 2,138 edges; 72 above 1,000.",
        "Counts by the published rule, without a null; 79 % of them are left with one (26 above 1,000).", degrees,
    ),
    Figure(
        PAPER, "1B", "Edges by two rules", ("feature_degree",), ("degrees_by_rule",), two_rules,
        "600 features: Spearman's rho 0.99 between published and calibrated degrees.",
        "Both rules count the same effects, so they must agree on ranks. The figure says nothing of what an edge is "
        "worth.", traced,
    ),
    Figure(
        PAPER, "1C", "Edges by target layer", ("feature_degree",), ("edges_by_layer_pair",), one_rule,
        "695,000 edges into layer 6, 443,000 into layer 11, 256,000 into layer 17.",
        "Numbers go with how much of each target layer the autoencoder explains.",
    ),
    Figure(
        PAPER, "1D", "Edges by threshold, with chance", ("threshold_sweep",), ("threshold_sweep",), sweep_curves,
        "At |d| of 0.5 and agreement of 0.7: 327,609 edges of 600 features, 11,915 by chance, a rate of 3.6 %; at 0.3 "
        "35.0 %.",
        "Sign flips are one kind of chance. Displacements as large as the feature make 22.7 edges where features make "
        "355.6 in the paper's own control, whose noise cancels over cells.", traced,
    ),
    Figure(
        PAPER, "2A", "Edges by rank and annotation", ("feature_degree",), ("degree_frequency",), rank_points,
        "8 of the 20 largest hubs have no annotation.",
        "Whether hubs are annotated depends on how often they fire; see 2C and the deciles.", degrees,
    ),
    Figure(
        PAPER, "2B", "The twenty largest hubs", ("feature_degree",), ("degree_frequency",), hub_bars,
        "F898 2,138, F1762 2,098, F4518 1,951 edges; all fire in 20 of 20 cells.",
        "Degree goes with frequency (rho 0.84 in the paper).", degrees,
    ),
    Figure(
        PAPER, "2C", "Are hubs annotated?", ("enrichment_test",), ("hub_tests",), odds_points,
        "Odds ratio of the first 20: 1.29, 0.53, 0.32 and 0.22 in layers 5, 2, 8 and 14 (p 0.66, 0.17, 0.037, 0.005).",
        "Fisher's test takes features for exchangeable, which they are not: among features that fire as often, the "
        "first 20 of layer 5 are annotated in 60 %, where 13.8 % are expected.", every_source,
    ),
    Figure(
        PAPER, "2D", "Edges by firing frequency", ("feature_degree",), ("degree_frequency",), degree_of_frequency,
        "Spearman's rho 0.84 (layer 5), 0.85 to 0.88 in others.",
        "Features that fire often are measured in more cells and at more positions.", degrees,
    ),
    Figure(
        PAPER, "3A", "Joint over single effects", ("combination_ratio",), ("set_ratios",), ratios,
        "Pairs 0.699, triples 0.530 over 6,925 targets of 12 triplets.",
        "The ratio is 0.71 for pairs and 0.58 for triples whose effects add up exactly: below 1 it shows no "
        "redundancy.",
    ),
    Figure(
        PAPER, "3B", "What is left of the interaction", ("combination_ratio",), ("set_ratios",), energies,
        "Mean and standard deviation of the median marginal effect of each triplet.",
        "The published marginals are of standardised effects and fall with more members by construction. Drawn here: "
        "raw interactions beside what noise of cells leaves.",
    ),
    Figure(
        PAPER, "3C", "Superadditive targets", ("combination_ratio",), ("set_ratios",), superadditive,
        "7 of 6,925 (0.10 %; the text prints 6 and 0.087 %).",
        "The published ratio lies near 0.58 where the effects of three add up, so hardly any target can pass. Targets "
        "of one set are no independent units: Wilson's intervals are too narrow.",
    ),
    Figure(
        PAPER, "4A", "Cells moved by each steered feature", STEERED, ("steering",), shares,
        "14 features: 0.00 to 1.00 of their cells move up; all three of layer 17 do so in every cell.",
        "Cells agree on any direction: 210 random features reach 0.39 to 0.48, and the three of layer 17 were chosen.",
        readout,
    ),
    Figure(
        PAPER, "4B", "Dose and response", STEERED, ("steering",), doses,
        "25 to 27 of 29 features rise or fall evenly with the dose, by read-out.",
        "Any direction does more at a larger dose. Grey: where what stands in the place of the layer's features lies.",
        readout,
    ),
    Figure(
        PAPER, "4C", "Cells moved, by layer and kind", STEERED, ("steering",), by_layer,
        "Layer 17: 0.83 for ON, 0.13 for OFF features (read-out Delta P); 0.36 to 0.75 elsewhere.",
        "Features are the units. Grey: what controls do. One layer of four and one read-out of four stand out.",
        readout,
    ),
    Figure(
        PAPER, "5A", "Can read-outs tell cells apart?", ("probe",), ("steering_readouts",), probes,
        "The paper has no such panel.",
        "A read-out that does not clear shuffled pseudotimes cannot tell whether a cell moved.",
    ),
    Figure(
        PAPER, "5B", "Do read-outs agree?", ("readout_concordance",), ("readout_concordance",), agreement,
        "rho with Delta s over 80 features: marker -0.43, Delta P 0.17, pseudotime 0.01.",
        "Ranks may agree where signs do not. The table on the page Steering has both.",
    ),
    Figure(
        PAPER, "S5A", "What hubs cost", ("damage_summary",), ("damage_arms",), costs,
        "Loss added: hubs 0.00049, features that fire as often -0.0038, random ones -0.0015.",
        "Features that are silent in some cells were averaged over other cells than hubs. On the same cells the "
        "paper's data give 0.00049, 0.0011 and 0.0002.", every_source,
    ),
    Figure(
        PAPER, "S5B", "Cost by firing frequency", ("lm_damage", "damage_summary"), ("damage_features", "damage_arms"),
        costs_by_frequency, "rho of cost and log degree -0.40; of cost and log frequency 0.04.",
        "As in S5A, the published costs are of different cells.", every_source,
    ),
    Figure(
        PAPER, "S6", "Spread of degrees in another study", ("transfer_summary",), ("transfer_summary",), spread,
        "Skewness 3.08 and Gini's coefficient 0.90 in the other tissue, 2.19 and 0.34 in K562.",
        "Half of the 400 features traced in the other tissue have no edge at all, and that is what both numbers show.",
        traced,
    ),
    Figure(
        PAPER, "S7A", "Tail of the degrees", ("tail_curve",), ("tail_curves",), law,
        "Power law of exponent 6.05 above 860 edges, 157 features, p of fit 0.945.",
        "With so few features far out, a lognormal fits as well: nothing speaks for a power law.", tail,
    ),
    Figure(
        PAPER, "S7B", "Other laws for the tail", ("tail_alternative",), ("tail_alternatives",), vuong,
        "z -0.09 (lognormal), 1.21 (exponential), 0.25 (stretched), -0.23 (truncated): none decides.",
        "A z between -1.96 and 1.96 prefers neither law.", tail,
    ),
    Figure(
        PAPER, "Text A", "Annotation by tenths of degree", ("enrichment_decile",), ("hub_deciles",), decile_points,
        "0.39, 0.40, 0.45, 0.46, 0.54, 0.66, 0.65, 0.65, 0.64, 0.53: an inverted U, not independence.",
        "Where both lines agree, firing frequency explains who is annotated.", tail,
    ),
    Figure(
        PAPER, "Text B", "Agreement of draws of cells", ("run_pair_stability",), ("draw_stability",), draws,
        "48 features: correlation of two draws 0.98, 0.63, 0.91, 0.99, 0.99 and 1.00 with 5 to 160 cells.",
        "Drawn here: correlation of effects. Dashed: one draw of a source beside the other draw of another source.",
        traced,
    ),
    Figure(
        PAPER, "Text C", "Edges by the strength of knock-downs", ("strength_test", "feature_strength"),
        ("strength_points",), strength_points, "2,384 features: rho 0.021, p 0.44.",
        "The published strength grows with the number of cells of a knock-down. No rho is no evidence against an "
        "effect unless the smallest that could be found is small.", strengths,
    ),
)  # fmt: skip
