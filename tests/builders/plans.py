"""Plans of studies given in a few words."""

from pathlib import Path

from flows.plan import Plan
from flows.planning import make_plan
from flows.study import Study
from tasks.steps import STEPS


def plan(tmp_path: Path, **sections: object) -> Plan:
    """The plan of a study with these sections, on the CPU."""
    return make_plan(Study.model_validate({"name": "a", "device": "cpu", **sections}), tmp_path)


def by_step(made: Plan) -> dict[str, dict[int | None, Path]]:
    """Folders by step and layer."""
    return {step.name: {unit.layer: unit.folder for unit in made.of(step.name)} for step in STEPS}
