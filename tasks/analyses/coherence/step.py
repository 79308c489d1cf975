"""Step ``coherence``: whether features that an edge joins are about the same, beside what chance makes of it."""

from pydantic import Field

from tasks.analyses.edge_choice import LATER, EdgeChoice
from tasks.step import SAME_LAYER, Step, asked_for, layers_of


class CoherenceSettings(EdgeChoice):
    """Which edges are looked at, and what they are held against."""

    wanted: bool = Field(False, description="Whether edges are looked at for terms that their two ends share.")
    n_draws: int = Field(1000, ge=99, description="Random exchanges of targets behind each p.")
    bins: int = Field(
        10,
        ge=1,
        description="Most bins of firing frequency, and of the number of terms, within which targets are exchanged. "
        "Fewer where a tenth of the edges or more would have no target to exchange theirs for.",
    )
    seed: int = Field(0, ge=0, description="Seed of the exchanges.")


STEP = Step(
    name="coherence",
    title="hold edges against the terms of their ends",
    settings=CoherenceSettings,
    version=1,
    work="tasks.analyses.coherence.work:compare_terms",
    tables=("coherence", "null_draw"),
    reads={"trace": SAME_LAYER, "describe": LATER},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set coherence.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=3,
)
