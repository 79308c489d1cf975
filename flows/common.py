"""What every flow does first: read its study, lay out its plan, see that earlier steps are done."""

from pathlib import Path
from typing import Any

from flows.home import scfm_home
from flows.plan import STEPS, Plan, make_plan
from flows.study import Study, load_study
from tasks.store import RequestError, StepFolder

StudyLike = Study | str  # a study, or the path of its file


def prepare(study: StudyLike, step: str) -> tuple[Study, Plan]:
    """The study and its plan. Raises RequestError if a step before ``step`` is not finished."""
    loaded = load_study(Path(study)) if isinstance(study, str) else study
    plan = make_plan(loaded, scfm_home())
    for earlier, folders in plan.steps():
        if STEPS.index(earlier) >= STEPS.index(step):
            break
        if not all(StepFolder(folder).done for folder in folders):
            raise RequestError(f"step {step} needs step {earlier} first: scfm run STUDY.toml --until {step}")
    return loaded, plan


def infos(folders: list[Path]) -> list[dict[str, Any]]:
    """What finished folders say of themselves."""
    return [StepFolder.open(folder).info for folder in folders]
