"""Step ``describe``: what every feature of every autoencoder stands for."""

from tasks.describe.settings import DescribeSettings
from tasks.step import SAME_LAYER, WHOLE, Figures, Step, layers_of

STEP = Step(
    name="describe",
    title="describe features",
    settings=DescribeSettings,
    version=5,
    work="tasks.describe.work:describe_sae",
    tables=(
        "feature",
        "feature_gene",
        "feature_top_cell",
        "feature_cell_type",
        "cell_type",
        "cell_type_summary",
        "feature_histogram",
        "feature_neighbour",
        "annotation",
        "annotation_summary",
        "gene_index",
        "ontology_index",
    ),
    reads={"codes": SAME_LAYER, "sae": SAME_LAYER, "activations": WHOLE, "references": WHOLE, "cells": WHOLE},
    layers=layers_of("sae"),
    on_device=False,
    figures=Figures("annotation_summary", ("sae_id", "rule", "n_features", "annotated_fraction", "null_mean")),
    seconds=13,
)
