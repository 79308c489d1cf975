"""The plan of a study: its units of work, each with its folder and what it reads, and parts of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from flows.study import Common
from tasks.section import Section
from tasks.step import Inputs, Layer, Step
from tasks.steps import STEPS, step_named
from tasks.store import RequestError, StepFolder, content_key
from warehouse.contracts.contract import contracts

PUBLISH = "publish"  # what the command line calls the end of a run, after the last step


@dataclass(frozen=True)
class Unit:
    """One folder of a plan, and what the work in it reads."""

    step: str
    layer: Layer
    settings: Section
    inputs: Inputs
    folder: Path

    @property
    def key(self) -> str:
        """The folder's content key."""
        return StepFolder(self.folder).key

    @property
    def label(self) -> str:
        """Step and layer, in words."""
        return self.step if self.layer is None else f"{self.step} of layer {self.layer}"

    @property
    def reads(self) -> set[Path]:
        """All folders that are read, those of other studies included."""
        every = [self.inputs.steps, *self.inputs.others.values()]
        return {path for steps in every for folders in steps.values() for path in folders.values()}


@dataclass(frozen=True)
class Plan:
    """The units of one study in an order in which they can be done, and the plans of the studies it names."""

    study: Common
    device: str
    units: tuple[Unit, ...]
    others: Mapping[str, "Plan"] = field(default_factory=dict)
    partial: bool = False  # by ``only``

    @cached_property
    def run_id(self) -> str:
        """The key of all units together."""
        keys = {f"{unit.step}:{unit.layer}": unit.key for unit in self.units}
        return content_key({"study": self.study.name, "title": self.study.title, "units": keys})

    def of(self, step: str) -> list[Unit]:
        """The units of one step, by layer; none if the study does without it."""
        return [unit for unit in self.units if unit.step == step]

    def step_names(self) -> list[str]:
        """Steps with units to do, those of other studies included, in order."""
        found = {unit.step for unit in self.needed()}
        return [step.name for step in STEPS if step.name in found]

    def folders(self) -> list[Path]:
        """All step folders, in order."""
        return [unit.folder for unit in self.units]

    def needed(self) -> list[Unit]:
        """All units, after those of other studies that they read, in an order in which they can be done."""
        wanted = set().union(*(unit.reads for unit in self.units))
        elsewhere = [unit for plan in self.others.values() for unit in plan.closure(wanted)]
        return list({unit.folder: unit for unit in (*elsewhere, *self.units)}.values())

    def closure(self, folders: set[Path]) -> list[Unit]:
        """The units of some folders and all that they read, directly or not."""
        wanted = set(folders)
        for unit in reversed(self.units):
            if unit.folder in wanted:
                wanted |= unit.reads
        return [unit for unit in self.needed() if unit.folder in wanted]

    def absent(self) -> list[Step]:
        """Steps that the study could have and does without."""
        return [step for step in STEPS if not self.of(step.name)]

    def unfinished(self) -> list[Path]:
        """Folders that have no manifest yet, or a shard that is not as its ledger line says."""
        folders = [unit.folder for unit in self.needed()]
        return [path for path in folders if not StepFolder(path).done or StepFolder(path).damaged()]

    def only(self, names: Sequence[str]) -> "Plan":
        """The plan of some steps, all that they read and all that their rows refer to; all of it if none is named.

        Raises RequestError for a step that the study does not have.
        """
        if not names:
            return self
        for name in names:
            if not self.of(name):
                raise RequestError(missing(name, f"--only {name}"))
        kept = self.closure({unit.folder for name in names for unit in self.of(name)})
        kept = self.closure({unit.folder for unit in kept} | self._referred(kept))
        return replace(self, units=tuple(unit for unit in self.units if unit in kept), partial=True)

    def _referred(self, kept: Sequence[Unit]) -> set[Path]:
        """Folders with the rows that rows of ``kept`` units refer to: a feature is traced without being described."""
        known = contracts()
        written = {(table, unit.layer) for unit in kept for table in step_named(unit.step).tables}
        tables = {reference.table for table, _ in written for reference in known[table].references}
        layers = {layer for _, layer in written}
        return {
            unit.folder
            for unit in self.units
            for table in tables & set(step_named(unit.step).tables)
            if unit.layer in layers and (table, unit.layer) not in written
        }

    def until(self, name: str) -> "Plan":
        """The plan up to and including one step, or PUBLISH. Raises RequestError if there is no such step."""
        known = [step.name for step in STEPS]
        if name == PUBLISH:
            return self
        if name not in known:
            raise RequestError(f"--until {name}: no such step; steps are {', '.join(known)}, {PUBLISH}")
        return replace(self, units=tuple(unit for unit in self.units if known.index(unit.step) <= known.index(name)))


def missing(name: str, asked: str) -> str:
    """What to say of a step that a plan lacks; ``asked`` says who asked for it."""
    if name not in {step.name for step in STEPS}:
        return f"{asked}: there is no step {name}; steps are {', '.join(step.name for step in STEPS)}"
    return f"{asked}, which this study does without: {step_named(name).how}"
