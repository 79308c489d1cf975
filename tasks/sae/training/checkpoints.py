"""Train to the end inside a step folder, going on from its checkpoint if it has one."""

from tasks.sae.training.state import restore_state, save_state
from tasks.sae.training.training import Trained, Training
from tasks.store import Progress, StepFolder

PREFIX = "checkpoint-"


def train_to_end(training: Training, out: StepFolder, label: str, of: str = "") -> list[Trained]:
    """What the autoencoders become. Only the newest checkpoint stays; ``drop_checkpoints`` removes it.

    ``of`` begins the names of its checkpoints, where a folder holds several trainings, one after the other.
    """
    found = checkpoints(out, of)
    if found:
        restore_state(training, out.file(_file(found[-1])))
    with Progress(label, training.common.steps, unit="step") as bar:
        bar.advance(training.step)
        while not training.done:
            training.advance(bar)
            _save(training, out, of)
    return training.trained()


def checkpoints(out: StepFolder, of: str = "") -> list[str]:
    """Units that are checkpoints, oldest first; those of one training, if it is named."""
    return sorted(name for name in out.lines if name.startswith(PREFIX + of))


def drop_checkpoints(out: StepFolder, spared: str = "") -> None:
    """Remove all checkpoints but one."""
    for name in checkpoints(out):
        if name != spared:
            out.drop(name)


def _save(training: Training, out: StepFolder, of: str = "") -> None:
    name = f"{PREFIX}{of}{training.step:07d}"
    with out.unit(name) as unit, unit.file(_file(name)) as path:
        save_state(training, path)
    drop_checkpoints(out, spared=name)


def _file(checkpoint: str) -> str:
    return f"checkpoints/{checkpoint}.safetensors"
