"""What a step is: one declaration from which plan, keys, flow, command line and documents follow.

1. A step has one folder per study, or one per layer (``layers``). It reads folders of earlier steps (``reads``).
2. The key of a folder is the hash of the step's name and version, the settings that differ from their defaults, the
   layer, what the step takes from outside (file contents, never paths), the device, and the keys of all it reads.
3. ``work`` does the work. It is named, not imported, so that listing steps needs neither torch nor scipy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tasks.section import Section, Sections
from tasks.store import RequestError, StepFolder, take_in

Info = dict[str, Any]  # what a finished step says of itself: JSON values
Layer = int | None  # None: the step has one folder for the whole study
Folders = Mapping[Layer, Path]
# What a step takes from outside the study, as JSON values that change if and only if the content does. Raises
# RequestError for a file that is missing or cannot be used.
Outside = Callable[[Sections, Layer], Mapping[str, object]]


class Reads(NamedTuple):
    """Which folders of an earlier step are read: given the settings, the layer of the unit and the layers there are.

    ``words``: which layers, for the reader; empty for a step with a single folder. ``optional``: a study may do without
    the earlier step, or without some of its layers, and no folder is read then. ``added``: a later version of the step
    began to read it, where settings ask for that; while nothing is read, it is no part of a key.
    """

    words: str
    choose: Callable[[Any, Layer, Sequence[Layer]], Sequence[Layer]]
    optional: bool = False
    added: bool = False


WHOLE = Reads("", lambda _settings, _layer, known: known)
SAME_LAYER = Reads("same layer", lambda _settings, layer, _known: [layer])
EVERY_LAYER = Reads("all layers", lambda _settings, _layer, known: known)


@dataclass(frozen=True)
class Layers:
    """The layers of a study: those of the model, and those that each step before has folders of."""

    model: list[int]
    steps: Mapping[str, Sequence[Layer]]

    def of(self, step: str) -> list[int]:
        """Layers with a folder of ``step``."""
        return [layer for layer in self.steps.get(step, ()) if layer is not None]


def choose_layers(setting: str, wanted: Sequence[int] | str, known: list[int]) -> list[int]:
    """Resolve ``all``. Raises RequestError for a layer that is not among ``known``; ``setting`` names the key."""
    if isinstance(wanted, str):
        return known
    unknown = [layer for layer in wanted if layer not in known]
    if unknown:
        listed = ", ".join(map(str, known)) or "none"
        raise RequestError(f"{setting}: no layer {unknown[0]}; layers to choose from: {listed}")
    return sorted(set(wanted))


@dataclass(frozen=True)
class Inputs:
    """What a unit of work reads: folders of earlier steps, and sections of the study beside its own.

    ``others``: folders of the other studies that the study names, by the name it gives them.
    """

    sections: Sections
    steps: Mapping[str, Folders]
    device: str = "cpu"
    layer: Layer = None
    others: Mapping[str, Mapping[str, Folders]] = field(default_factory=dict)

    def folder(self, step: str) -> Path:
        """The one folder of ``step`` that is read."""
        (folder,) = self.steps[step].values()
        return folder

    def layers(self, step: str) -> dict[int, Path]:
        """The folders of ``step`` that are read, by layer."""
        return {layer: folder for layer, folder in self.steps[step].items() if layer is not None}

    @property
    def own_layer(self) -> int:
        """The layer of a unit of a step with one folder per layer."""
        if self.layer is None:
            raise ValueError("this step has one folder for the whole study, not one per layer")
        return self.layer

    def names(self) -> list[str]:
        """Names of all folders that are read."""
        every = [self.steps, *self.others.values()]
        return sorted(path.name for steps in every for folders in steps.values() for path in folders.values())


class Figures(NamedTuple):
    """What the terminal shows of a finished folder: columns of one of its tables, row by row."""

    table: str
    columns: tuple[str, ...]


def one_folder(_settings: object, _layers: Layers) -> list[Layer]:
    """One folder for the whole study."""
    return [None]


def layers_of(step: str) -> Callable[[Any, Layers], list[Layer]]:
    """One folder for each layer with a folder of ``step``."""
    return lambda _settings, known: [*known.of(step)]


def nothing(_sections: Sections, _layer: Layer) -> Mapping[str, object]:
    """Nothing from outside."""
    return {}


def asked_for(settings: Any) -> bool:  # noqa: ANN401 - the settings of any step with that key
    """The step is part of studies that set its key ``wanted``."""
    return bool(settings.wanted)


def always(_settings: object) -> bool:
    """The step is part of every study."""
    return True


class Parts(NamedTuple):
    """How the work of one folder is divided among processes, which changes no byte.

    ``number``: of parts, given the settings. ``prepare``: called once, as ``work`` of a step is, for what all read.
    ``work``: called with (settings, inputs, whole, out, part): the step folder, the part's own and its number.
    """

    number: Callable[[Any], int]
    prepare: str
    work: str


@dataclass(frozen=True)
class Step:
    """One step of a study.

    ``name``: its section of the study, the prefix of its folders, its word on the command line.
    ``version``: of the numerical code; raise it when equal inputs and settings give other numbers, or when a default
    changes its meaning, and say so in CHANGELOG.md.
    ``tables``: the contracts it may write. ``work``: ``package.module:function``, called with (settings, inputs, out).
    ``reads_others``: what it reads of every other study that the study names.
    ``apart``: settings that decide no number of a folder, or only by what ``outside`` and ``layers`` say of them.
    ``seconds``: what a folder takes in the demo, or a function of the settings that tells it; by this the terminal
    judges how much of a run is left.
    ``wanted``: whether a study with these settings has the step; ``how`` tells the reader how to ask for it.
    ``parts``: how a folder's work is divided among processes, where it can be.
    """

    name: str
    title: str
    settings: type[Section]
    version: int
    work: str
    tables: tuple[str, ...]
    reads: Mapping[str, Reads] = field(default_factory=dict)
    reads_others: Mapping[str, Reads] = field(default_factory=dict)
    layers: Callable[[Any, Layers], Sequence[Layer]] = one_folder
    outside: Outside = nothing
    wanted: Callable[[Any], bool] = always
    how: str = ""
    apart: frozenset[str] = frozenset()
    on_device: bool = True
    figures: Figures | None = None
    seconds: float | Callable[[Any], float] = 1.0
    parts: Parts | None = None

    def expected_seconds(self, settings: Section) -> float:
        """What a folder takes, at the demo's pace."""
        return self.seconds(settings) if callable(self.seconds) else self.seconds


def load(name: str) -> Callable[..., Any]:
    """Import the function that ``package.module:function`` names."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def run_unit(step: Step, settings: Section, inputs: Inputs, folder: Path) -> Path:
    """Do the work of one folder, if it is not done yet; returns ``folder``, finished."""
    with StepFolder.create(folder, step.tables) as out:
        if not out.done:
            take_in(out)
            layer = {} if inputs.layer is None else {"layer": inputs.layer}
            out.finish(inputs.names(), **{**layer, **load(step.work)(settings, inputs, out)})
    return folder
