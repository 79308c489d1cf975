"""Step ``describe``: what every feature of every autoencoder stands for."""

from tasks.describe.settings import DescribeSettings
from tasks.section import Sections
from tasks.step import SAME_LAYER, WHOLE, Figures, Layer, Layers, Step
from tasks.store import RequestError, sha256_once


def layers(_settings: DescribeSettings, known: Layers) -> list[Layer]:
    """Every layer with an autoencoder."""
    return [*known.of("sae")]


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of every gene-set library, by its name. Raises RequestError for a file that is not there."""
    files = sections.of(DescribeSettings).gene_set_files()
    for path in files.values():
        if not path.is_file():
            raise RequestError(f"describe.gene_sets: no file at {path}: give the path of a .gmt file")
    return {"sets": {name: sha256_once(path) for name, path in files.items()}}


STEP = Step(
    name="describe",
    title="describe features",
    settings=DescribeSettings,
    version=1,
    work="tasks.describe.work:describe_sae",
    tables=(
        "feature",
        "feature_gene",
        "feature_cell_type",
        "feature_histogram",
        "feature_neighbour",
        "annotation",
        "annotation_summary",
    ),
    reads={"codes": SAME_LAYER, "sae": SAME_LAYER, "activations": WHOLE, "cells": WHOLE},
    layers=layers,
    outside=outside,
    apart=frozenset({"gene_sets"}),
    on_device=False,
    figures=Figures("annotation_summary", ("sae_id", "n_features", "annotated_fraction", "null_mean")),
)
