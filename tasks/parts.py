"""The work of one folder in parts, each by a process of its own; ``tasks.store.parts`` keeps them."""

from pathlib import Path

from tasks.section import Section
from tasks.step import Inputs, Step, load
from tasks.store import StepFolder, part_folder, take_in


def n_parts(step: Step, settings: Section) -> int:
    """How many parts the work of a folder is divided into."""
    return step.parts.number(settings) if step.parts else 1


def prepare_parts(step: Step, settings: Section, inputs: Inputs, folder: Path) -> Path:
    """Take in what parts of an earlier run have left, and write what all parts read; returns ``folder``."""
    with StepFolder.create(folder, step.tables) as out:
        if step.parts and not out.done:
            take_in(out)
            load(step.parts.prepare)(settings, inputs, out)
    return folder


def run_part(step: Step, settings: Section, inputs: Inputs, folder: Path, part: int) -> Path:
    """Do one part of the work of ``folder``, after ``prepare_parts``; returns the part's own folder."""
    own, whole = part_folder(folder, part), StepFolder(folder)
    if step.parts and not whole.done:
        with StepFolder.create(own, step.tables) as out:
            load(step.parts.work)(settings, inputs, whole, out, part)
    return own
