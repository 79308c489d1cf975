"""Step ``hubs``: whether features with many edges are annotated more or less often than others that fire alike."""

from pydantic import Field

from tasks.analyses.edge_choice import EdgeChoice
from tasks.step import SAME_LAYER, Step, asked_for, layers_of


class HubsSettings(EdgeChoice):
    """Which features count as hubs, and what they are held against."""

    wanted: bool = Field(False, description="Whether annotation of hubs is tested.")
    top: list[int] = Field(
        default=[20, 100],
        min_length=1,
        description="Numbers of features with most edges; those above half are left out.",
    )
    top_share: float = Field(0.01, gt=0, le=0.5, description="Share of the features with most edges, tested as well.")
    block: int = Field(
        10, ge=2, description="Features of neighbouring firing frequency among which annotation is exchanged."
    )
    min_frequency: float = Field(0.0, ge=0, lt=1, description="Least firing frequency of a feature that is counted.")
    n_draws: int = Field(2000, ge=99, description="Draws behind each p.")
    seed: int = Field(0, ge=0, description="Seed of the draws.")


STEP = Step(
    name="hubs",
    title="test annotation of hubs",
    settings=HubsSettings,
    version=1,
    work="tasks.analyses.hubs.work:compare_hubs",
    tables=("enrichment_test", "enrichment_decile", "residual_hub"),
    reads={"trace": SAME_LAYER, "describe": SAME_LAYER},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set hubs.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=2,
)
