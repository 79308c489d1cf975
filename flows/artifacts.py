"""What a run shows in the Prefect server beside its states: progress, tables of figures, quality results."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact

from tasks.store import StepFolder
from warehouse.check_result import CheckResult

MAX_ROWS = 200  # an artifact is a page, not a table: the warehouse holds all rows
WORD_JOINER = "\u2060"
MARKUP = re.compile(r"(?<=\])(?=[(\[:])|(?<=<)|(?<=&)|(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)


class RunProgress:
    """A progress artifact that moves on as steps end."""

    def __init__(self, run_id: str, steps: Sequence[str]) -> None:
        self._steps = list(steps)
        created = create_progress_artifact(progress=0.0, key=f"scfm-{run_id}", description="Steps done")
        self._artifact = created if isinstance(created, UUID) else None

    def reached(self, step: str) -> None:
        """Record that ``step`` is done."""
        if self._artifact is not None:
            update_progress_artifact(self._artifact, progress=100.0 * (self._steps.index(step) + 1) / len(self._steps))


def step_table(step: str, folders: list[Path]) -> None:
    """One row a folder: what the step says of itself."""
    rows = [{"folder": folder.name, **_plain(StepFolder.open(folder).info)} for folder in folders]
    show_table(f"scfm-{step}", rows, f"Step {step}")


def quality_table(results: list[CheckResult]) -> None:
    """Quality results, failed ones first."""
    ordered = sorted(results, key=lambda result: result.success)
    names = ("table_name", "check_name", "expectation", "success", "meaning", "observed", "sample_rows")
    show_table("scfm-quality", [{name: getattr(result, name) for name in names} for result in ordered], "Checks")


def show_table(key: str, rows: list[dict[str, Any]], description: str) -> None:
    """A table artifact, cut to a page; keys of artifacts have dashes where names of steps have underscores."""
    table = [{name: _inert(value) for name, value in row.items()} for row in rows[:MAX_ROWS]]
    create_table_artifact(key=key.replace("_", "-"), table=table, description=f"{description} ({len(rows)} rows)")


def _inert(value: object) -> object:
    """A value whose text Prefect's pages show as it is.

    They take every cell for Markdown with HTML in it, load its pictures and make links, and show an escape as such. A
    word joiner, which has no width, parts what would become a picture, a link or an element.
    """
    return MARKUP.sub(WORD_JOINER, value) if isinstance(value, str) else value


def _plain(info: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in info.items() if isinstance(value, str | int | float | bool)}
