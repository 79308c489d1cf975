"""Settings of the describe step."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.section import Section


class DescribeSettings(Section):
    """How features are described."""

    top_genes: int = Field(20, ge=1, le=1000, description="Genes shown per feature")
    tested_genes: int = Field(100, ge=2, le=500, description="First genes of a feature that gene sets are tested on")
    min_fire: int = Field(10, ge=1, description="Firings on a gene below which the gene is not listed")
    shrinkage: float = Field(20.0, ge=0, description="Silent positions added to a gene's own when it is scored")
    contexts: int = Field(10, ge=1, le=1000, description="Strongest activations listed per feature, with cell and gene")
    contexts_per_cell: int = Field(1, ge=1, description="Most contexts of a feature that may lie in one cell")
    min_set: int = Field(5, ge=1, description="Smallest gene set tested, counted in genes of the background")
    max_set: int = Field(500, ge=1, description="Largest gene set tested, counted in genes of the background")
    regulons: bool = Field(
        False,
        description="Whether the targets of each factor of a directed network are tested as gene sets as well, in a "
        "library of the network's name; networks that are gene-set libraries anyway (encode_tf) are not tested twice",
    )
    listed: Literal["by_frequency", "evenly"] = Field(
        "by_frequency",
        description="What gene lists are held against when gene sets are tested. by_frequency: lists that hold every "
        "gene as often as the lists of the autoencoder do, since genes that are listed often make up many sets; "
        "evenly: lists that hold every gene alike (Fisher's exact test), whose null lists come out annotated as well",
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of annotations and cell types")
    redundant: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Of two significant gene sets of a feature that share this part of the smaller one's genes, the "
        "better one represents the other",
    )
    null_draws: int = Field(20, ge=2, description="Random draws of all gene lists behind the null")
    min_cells: int = Field(20, ge=2, description="Minimum number of cells for a cell type to be tested")
    length_strata: int = Field(
        10,
        ge=1,
        le=100,
        description="Strata of cell length (quantiles of the number of tokens, at least 20 cells in each) within which "
        "types are compared; 1 compares all cells. Quarters are too wide: the shortest type still is the shorter one",
    )
    min_auroc: float = Field(
        0.7,
        ge=0.5,
        lt=1,
        description="A cell type is called if the lower bound of its AUROC's 95 % interval is at least this. For "
        "10 cells above all others it is 0.72, for 8 it is 0.68: a type of so few cells is never called",
    )
    concentrated: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of a feature's activation on its first five genes from which these name it, before any "
        "cell type or gene set: five genes hold as much as all others",
    )
    diffuse: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Share on its first five genes below which a feature is never named by them. In the demo, few "
        "features have a share near this one: most lie above, and those of cell states below a twentieth",
    )
    neighbours: int = Field(10, ge=1, le=255, description="Nearest decoder directions listed per feature")
    seed: int = Field(0, ge=0, description="Seed of the null and the map")

    @model_validator(mode="after")
    def _consistent(self) -> "DescribeSettings":
        if self.min_set > self.max_set:
            raise ValueError(f"min_set is {self.min_set}, above max_set {self.max_set}: no gene set could pass")
        if self.diffuse > self.concentrated:
            raise ValueError(f"diffuse is {self.diffuse}, above concentrated {self.concentrated}: use a smaller share")
        return self
