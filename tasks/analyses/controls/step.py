"""Step ``controls``: how many edges controls of a trace make, and how many of the features' own are beyond that."""

from pydantic import Field

from tasks.section import Section
from tasks.step import SAME_LAYER, Step, asked_for, layers_of


class ControlsSettings(Section):
    """Whether controls are summed up, and how their intervals are drawn."""

    wanted: bool = Field(False, description="Whether the controls of every trace are held against its ablations.")
    n_draws: int = Field(2000, ge=99, description="Draws of features behind each interval.")
    seed: int = Field(0, ge=0, description="Seed of the draws.")


STEP = Step(
    name="controls",
    title="hold ablations against controls",
    settings=ControlsSettings,
    version=2,
    work="tasks.analyses.controls.work:sum_up_controls",
    tables=("control_summary",),
    reads={"trace": SAME_LAYER},
    layers=layers_of("trace"),
    wanted=asked_for,
    how="set controls.wanted = true",
    apart=frozenset({"wanted"}),
    on_device=False,
    seconds=1,
)
