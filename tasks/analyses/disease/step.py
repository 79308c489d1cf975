"""Step ``disease``: which features list disease genes, and whether edges know of it."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from tasks.analyses.edge_choice import EdgeChoice
from tasks.references.gene_sets import read_gene_sets
from tasks.references.settings import RESERVED, Source
from tasks.section import Sections
from tasks.step import EVERY_LAYER, WHOLE, Figures, Layer, Reads, Step
from tasks.store import RequestError, sha256_once


class DiseaseSettings(EdgeChoice):
    """Files of disease genes, and what features that list them are held against."""

    sets: tuple[Source, ...] = Field(
        (),
        description="GMT files, one set of genes a disease, from a resource of diseases: paths, or sections "
        '{file = "mine.gmt", licence = "CC BY 4.0"}. Processes named with a keyword are no diseases.',
    )
    min_set: int = Field(5, ge=1, description="Fewest genes of a disease that features could list.")
    max_set: int = Field(2000, ge=1, description="Most of them.")
    min_features: int = Field(3, ge=2, description="Fewest features with a disease whose degrees or edges are tested.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate.")
    bins: int = Field(
        10, ge=1, description="Most bins of firing frequency, and of the length of gene lists, within which disease is "
        "exchanged."
    )  # fmt: skip
    n_draws: int = Field(1999, ge=99, description="Exchanges behind each p.")
    rewired: int = Field(199, ge=19, description="Rewired networks behind each p_rewired.")
    null_draws: int = Field(20, ge=2, description="Random draws of all gene lists behind the rate by chance.")
    seed: int = Field(0, ge=0, description="Seed of all draws.")

    @model_validator(mode="after")
    def _told_apart(self) -> "DiseaseSettings":
        names = [source.name for source in self.sets]
        for name in names:
            if names.count(name) > 1 or name in RESERVED:
                raise ValueError(f"sets: {name!r} is the name of another file, or reserved: rename the file")
        if self.min_set > self.max_set:
            raise ValueError(f"min_set is {self.min_set}, above max_set {self.max_set}: no disease could pass")
        return self


def outside(sections: Sections, _layer: Layer) -> Mapping[str, object]:
    """Every file by its content. Raises RequestError for one that is missing or no GMT file."""
    return {"files": [_file(source) for source in sections.of(DiseaseSettings).sets]}


def _file(source: Source) -> dict[str, object]:
    if not source.path.is_file():
        raise RequestError(f"disease.sets: no file at {source.path}: give the path of a GMT file")
    read_gene_sets(source.path)
    universe = sha256_once(source.universe) if source.universe else None
    return {"name": source.name, "sha256": sha256_once(source.path), "licence": source.terms, "universe": universe}


STEP = Step(
    name="disease",
    title="hold features and edges against disease genes",
    settings=DiseaseSettings,
    version=1,
    work="tasks.analyses.disease.work:hold_against_diseases",
    tables=("feature_disease", "disease_summary", "disease_test", "disease_circuit", "disease_consensus"),
    reads={
        "describe": EVERY_LAYER,
        "activations": WHOLE,
        "cells": WHOLE,
        "trace": Reads("all layers, if there are any", EVERY_LAYER.choose, optional=True),
        "consensus": Reads("if there is one", WHOLE.choose, optional=True, added=True),
    },
    outside=outside,
    wanted=lambda settings: bool(settings.sets),
    how="name GMT files of disease genes: disease.sets",
    apart=frozenset({"sets"}),
    on_device=False,
    figures=Figures("disease_summary", ("sae_id", "library", "n_features", "annotated_fraction", "null_mean")),
    seconds=10,
)
