"""Lay out a study: which step folders it needs, each under the key of all that decides its content.

Everything follows from the declarations in ``tasks.steps``: a folder's key is the hash of the step's name and version,
of the settings that differ from their defaults, of what the step takes from outside, and of the keys of the folders it
reads. Paths are no part of a key, contents are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.device import resolve_device
from flows.plan import Plan, Unit, missing
from flows.study import Common, load_study, sharing
from tasks.section import Section, chosen_settings
from tasks.step import Folders, Inputs, Layer, Layers, Reads, Step
from tasks.steps import STEPS
from tasks.store import RequestError, StepFolder, content_key
from tasks.vocabulary.directory import count_layers
from tasks.vocabulary.model_settings import ModelSettings


def make_plan(study: Common, home: Path, steps: Sequence[Step] = STEPS, within: frozenset[Path] = frozenset()) -> Plan:
    """Hash the study's inputs and lay out its folders; ``within``: studies that led to this one.

    Raises RequestError for missing inputs.
    """
    device = resolve_device(study.device)
    others = {name: _other_plan(study, name, home, within) for name in study.others}
    model = list(range(count_layers(study.sections.of(ModelSettings))))
    done: dict[str, dict[Layer, Unit]] = {}
    for step in steps:
        settings = study.sections[step.name]
        layers = step.layers(settings, Layers(model, {name: list(units) for name, units in done.items()}))
        if step.wanted(settings):
            done[step.name] = {layer: _unit(step, layer, study, done, others, device, home) for layer in layers}
    return Plan(study, device, tuple(unit for units in done.values() for unit in units.values()), others)


def _other_plan(study: Common, name: str, home: Path, within: frozenset[Path]) -> Plan:
    path = Path(study.others[name].study)
    if path.resolve() in within:
        raise RequestError(f"with.{name}: study {path} names itself, through {name}: name another study")
    other = sharing(load_study(path), study, name)
    return make_plan(other, home, within=within | {path.resolve()})


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
    if step.reads_others and not others:
        raise RequestError(
            f"{step.name} reads other studies, and none is named: add [with.NAME] and the file as its study"
        )
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
    """The folders of step ``name`` that are read. Raises RequestError if the study does without a step it needs."""
    if not units and not reads.optional:
        raise RequestError(missing(name, f"{step.name} reads {name}"))
    chosen = reads.choose(settings, layer, sorted(units, key=_by_layer))
    return {each: units[each].folder for each in chosen if each in units or not reads.optional}


def _key(step: Step, settings: Section, inputs: Inputs) -> str:
    read = {name: folders for name, folders in inputs.steps.items() if folders or not step.reads[name].added}
    about: dict[str, object] = {
        "step": step.name,
        "version": step.version,
        "settings": chosen_settings(settings, step.apart),
        "outside": step.outside(inputs.sections, inputs.layer),
        "reads": _keys(read),
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


def _by_layer(layer: Layer) -> int:
    return -1 if layer is None else layer
