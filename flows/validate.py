"""Step 9: hold what the circuits predict against what is known."""

from pathlib import Path

from prefect import flow

from flows.common import StudyLike, infos, prepare
from tasks.validate.step import validate_circuits


@flow(name="scfm-validate")
def validate(study: StudyLike) -> list[Path]:
    """Run the step; returns its folder."""
    loaded, plan = prepare(study, "validate")
    names = [info["sae_id"] for info in infos(list(plan.saes.values()))]
    describes = dict(zip(names, plan.describes.values(), strict=True))
    traces = list(plan.traces.values())
    return [validate_circuits(loaded.validate_, traces, describes, plan.model, plan.cells, plan.validation)]
