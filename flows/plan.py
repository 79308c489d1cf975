"""The plan of a study: which step folders it needs, each under the key of all that decides its content.

Everything follows from the declarations in ``tasks.steps``: a folder's key is the hash of the step's name and version,
of the settings that differ from their defaults, of what the step takes from outside, and of the keys of the folders it
reads. Paths are no part of a key, contents are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from flows.device import resolve_device
from flows.study import Common, load_study
from tasks.section import Section, chosen_settings
from tasks.step import Folders, Inputs, Layer, Layers, Reads, Step
from tasks.steps import STEPS, step_named
from tasks.store import RequestError, StepFolder, content_key
from tasks.vocabulary.directory import count_layers
from tasks.vocabulary.model_settings import ModelSettings

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

    def unfinished(self) -> list[Path]:
        """Folders that have no manifest yet, or a shard that is not as its ledger line says."""
        folders = [unit.folder for unit in self.needed()]
        return [path for path in folders if not StepFolder(path).done or StepFolder(path).damaged()]

    def only(self, names: Sequence[str]) -> "Plan":
        """The plan of some steps and all that they read; all of it if none is named.

        Raises RequestError for a step that the study does not have.
        """
        if not names:
            return self
        for name in names:
            if not self.of(name):
                raise RequestError(_missing(name, "--only"))
        kept = self.closure({unit.folder for name in names for unit in self.of(name)})
        return replace(self, units=tuple(unit for unit in self.units if unit in kept))

    def until(self, name: str) -> "Plan":
        """The plan up to and including one step, or PUBLISH. Raises RequestError if there is no such step."""
        known = [step.name for step in STEPS]
        if name == PUBLISH:
            return self
        if name not in known:
            raise RequestError(f"--until {name}: no such step; steps are {', '.join(known)}, {PUBLISH}")
        return replace(self, units=tuple(unit for unit in self.units if known.index(unit.step) <= known.index(name)))


def make_plan(study: Common, home: Path) -> Plan:
    """Hash the study's inputs and lay out its folders. Raises RequestError for missing inputs."""
    device = resolve_device(study.device)
    others = {name: make_plan(load_study(Path(other.study)), home) for name, other in study.others.items()}
    model = list(range(count_layers(study.sections.of(ModelSettings))))
    done: dict[str, dict[Layer, Unit]] = {}
    for step in STEPS:
        settings = study.sections[step.name]
        layers = step.layers(settings, Layers(model, {name: list(units) for name, units in done.items()}))
        if step.wanted(settings):
            done[step.name] = {layer: _unit(step, layer, study, done, others, device, home) for layer in layers}
    return Plan(study, device, tuple(unit for units in done.values() for unit in units.values()), others)


def _unit(
    step: Step,
    layer: Layer,
    study: Common,
    done: Mapping[str, Mapping[Layer, Unit]],
    others: Mapping[str, Plan],
    device: str,
    home: Path,
) -> Unit:
    settings = study.sections[step.name]
    steps = {name: _read(step, name, reads, layer, settings, done.get(name, {})) for name, reads in step.reads.items()}
    elsewhere = {
        name: {
            of: _read(step, of, reads, layer, settings, {unit.layer: unit for unit in plan.of(of)})
            for of, reads in step.reads_others.items()
        }
        for name, plan in (others.items() if step.reads_others else ())
    }
    inputs = Inputs(study.sections, steps, device if step.on_device else "cpu", layer, elsewhere)
    return Unit(step.name, layer, settings, inputs, home / "runs" / f"{step.name}-{_key(step, settings, inputs)}")


def _read(step: Step, name: str, reads: Reads, layer: Layer, settings: Section, units: Mapping[Layer, Unit]) -> Folders:
    """The folders of step ``name`` that are read. Raises RequestError if the study does without that step."""
    if not units:
        raise RequestError(_missing(name, f"{step.name} reads {name}"))
    return {each: units[each].folder for each in reads.choose(settings, layer, sorted(units, key=_by_layer))}


def _key(step: Step, settings: Section, inputs: Inputs) -> str:
    about: dict[str, object] = {
        "step": step.name,
        "version": step.version,
        "settings": chosen_settings(settings, step.apart),
        "outside": step.outside(inputs.sections, inputs.layer),
        "reads": _keys(inputs.steps),
    }
    about |= {} if inputs.layer is None else {"layer": inputs.layer}
    about |= {"device": inputs.device} if step.on_device else {}
    about |= {"others": {name: _keys(steps) for name, steps in inputs.others.items()}} if inputs.others else {}
    return content_key(about)


def _keys(steps: Mapping[str, Folders]) -> dict[str, dict[str, str]]:
    return {
        name: {str(layer): StepFolder(folder).key for layer, folder in folders.items()}
        for name, folders in steps.items()
    }


def _missing(name: str, asked: str) -> str:
    if name not in {step.name for step in STEPS}:
        return f"{asked}: there is no step {name}; steps are {', '.join(step.name for step in STEPS)}"
    return f"{asked}, which this study does without: {step_named(name).how}"


def _by_layer(layer: Layer) -> int:
    return -1 if layer is None else layer
