"""How much of a run is left, in words: steps as long as in the demo, stretched by how this run compares so far."""

from collections import Counter
from collections.abc import Mapping

from flows.plan import PUBLISH, Plan
from tasks.steps import step_named
from tasks.store import StepFolder

PUBLISH_S = 15.0
PRIOR_S = 10.0  # so much of the demo's own pace is believed before a run has shown its own
WORTH_SAYING_S = 15.0


class TimeLeft:
    """``expected``: seconds of the work of each step that is still to be done, at the demo's pace."""

    def __init__(self, expected: Mapping[str, float]) -> None:
        self._expected = dict(expected)
        self._took, self._foreseen = PRIOR_S, PRIOR_S

    def reached(self, step: str, seconds: float) -> None:
        """A step is done. One whose folders were there already says nothing of the pace."""
        if foreseen := self._expected.pop(step, 0.0):
            self._took += seconds
            self._foreseen += foreseen

    def seconds(self) -> float:
        """What all steps that are not done will take."""
        return sum(self._expected.values()) * self._took / self._foreseen

    def words(self) -> str:
        """``about 4 min left``; nothing where it is hardly worth waiting for."""
        left = self.seconds()
        return f"about {rounded(left)} left" if left >= WORTH_SAYING_S else ""


def rounded(seconds: float) -> str:
    """Seconds below 90, else minutes below 90, else hours: no more digits than an estimate has."""
    if seconds < 90:
        return f"{10 * round(seconds / 10)} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.0f} h"


def time_left(plan: Plan, until: str = PUBLISH) -> TimeLeft:
    """What is left of a plan that has not begun, up to and including ``until``."""
    to_do = Counter(unit.step for unit in plan.needed() if not StepFolder(unit.folder).done)
    steps = {name: step_named(name) for name in to_do}
    sections = plan.study.sections
    expected = {name: n * steps[name].expected_seconds(sections[name]) for name, n in to_do.items()}
    return TimeLeft(expected | ({PUBLISH: PUBLISH_S} if until == PUBLISH else {}))
