"""A step's work on folders that a test names, through the same door as a run."""

from collections.abc import Mapping
from pathlib import Path

from tasks.section import Section, Sections
from tasks.step import Inputs, Step, run_unit
from tasks.steps import step_named


def do_step(
    step: str | Step,
    settings: Section,
    folder: Path,
    *others: Section,
    layer: int | None = None,
    device: str = "cpu",
    **reads: Path | Mapping[int, Path],
) -> Path:
    """Do the work of one folder; returns it, finished.

    ``others``: sections that it consults beside its own; ``reads``: the folder of each step that it reads, or folders
    by layer.
    """
    steps = {name: {None: read} if isinstance(read, Path) else read for name, read in reads.items()}
    sections = Sections({type(section).__name__: section for section in (settings, *others)})
    chosen = step_named(step) if isinstance(step, str) else step
    return run_unit(chosen, settings, Inputs(sections, steps, device, layer), folder)
