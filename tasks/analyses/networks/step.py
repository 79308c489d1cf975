"""Step ``networks``: how many edges of gene networks join the genes of every feature, against genes that are alike."""

from typing import Literal

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, WHOLE, Step, asked_for, layers_of


class NetworksSettings(Section):
    """Which genes and edges are counted, and the lists that they are held against."""

    wanted: bool = Field(False, description="Whether features are held against gene networks.")
    rule: Literal["default", "published"] = Field(
        "default",
        description="default: edges in either direction, held against lists of genes that are alike; published: any "
        "edge is written down untested, and of a network with directions only the edges whose source comes before the "
        "target in the alphabet",
    )
    genes: int = Field(
        20, ge=2, le=500, description="First genes of a feature, by rank, between which edges are counted."
    )
    min_score: float = Field(0.0, ge=0, description="Edges of a lower score are left out; edges without a score stay.")
    neighbours: int = Field(50, ge=2, le=1000, description="Genes, at most, that can stand for a gene in a null list.")
    caliper: float = Field(
        0.25,
        gt=0,
        description="How far degrees, and numbers of lists that hold a gene, may differ between genes that stand for "
        "each other: log2 of 1 + the number",
    )
    max_draws: int = Field(100_000, ge=100, description="Null lists drawn for a feature, at most.")
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate down to which draws are to reach.")
    seed: int = Field(0, ge=0, description="Seed of the null lists.")


STEP = Step(
    name="networks",
    title="count network edges between genes of a feature",
    settings=NetworksSettings,
    version=1,
    work="tasks.analyses.networks.work:count_network_edges",
    tables=("feature_network_density",),
    reads={"describe": SAME_LAYER, "references": WHOLE},
    layers=layers_of("describe"),
    wanted=asked_for,
    how="set networks.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=3,
)
