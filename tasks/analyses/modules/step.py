"""Step ``modules``: group the features of every autoencoder that are active together."""

from typing import Annotated, Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of

Rule = Literal["given_gene", "given_gene_and_label", "cells", "published"]


class ModulesSettings(Section):
    """Which features are grouped, what joins two of them, and which labels a group gets."""

    wanted: bool = Field(False, description="Whether modules are looked for.")
    rule: Rule = Field(
        "given_gene",
        description="What joins two features. given_gene: they fire together significantly more often than their genes "
        "let them; given_gene_and_label: than genes and the cells' labels let them; cells: their mean activations "
        "correlate over cells; published: pointwise mutual information of at least 2 bit, 50 joint firings.",
    )
    min_cells: int = Field(20, ge=2, description="Minimum number of cells a feature fires in to be grouped.")
    alpha: float = Field(
        0.05, gt=0, lt=1, description="False discovery rate of joined pairs and, on its own, of the modules' labels."
    )
    max_pairs: int = Field(
        1_000_000,
        ge=1,
        description="Most pairs that are joined. If more are significant, the bound on q falls until so many are left.",
    )
    min_correlation: float = Field(
        0.3, gt=0, lt=1, description="Rule cells: correlation over cells that joins two features."
    )
    resolutions: list[Annotated[float, Field(gt=0)]] = Field(
        default=[0.5, 1.0, 2.0],
        min_length=1,
        description="Resolutions of the Leiden algorithm whose partitions are brought to one consensus.",
    )
    seeds: int = Field(20, ge=1, le=1000, description="Runs of the Leiden algorithm at each resolution.")
    rewirings: int = Field(
        5, ge=1, le=1000, description="Networks with the same degrees whose modularity stands beside that of the layer."
    )
    labels: int = Field(5, ge=1, le=1000, description="Maximum number of labels listed per module.")
    seed: int = Field(0, ge=0, description="Seed of the Leiden algorithm and of the rewired networks.")


STEP = Step(
    name="modules",
    title="group features that are active together",
    settings=ModulesSettings,
    version=5,
    work="tasks.analyses.modules.work:find_modules",
    tables=("module", "module_feature", "module_label", "module_edge"),
    reads={"codes": SAME_LAYER, "describe": SAME_LAYER, "activations": WHOLE, "cells": WHOLE},
    layers=layers_of("codes"),
    wanted=asked_for,
    how="set modules.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=3,
)
