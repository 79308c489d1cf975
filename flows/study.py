"""A study: one TOML file, read into one frozen model, from which everything else follows."""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, create_model, model_validator

from flows.other_study import OtherStudy
from tasks.cells.settings import MiniVocabulary
from tasks.section import LOCAL, Section, Sections, section_of
from tasks.step import Step
from tasks.steps import STEPS
from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings


class Common(Section):
    """What a study says beside the sections of its steps."""

    name: str = Field(description="Short name of the study", pattern=r"^[a-z0-9_]+$")
    title: str = Field("", description="One line that says what the study is")
    seed: int = Field(0, ge=0, description="Seed of every step that does not set its own")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where tensors live; auto takes CUDA if there")
    runner: Literal["threads", "dask", "ray"] = Field("threads", description="How chunks of work are spread")
    workers: int = Field(1, ge=1, description="Chunks at work at once; a cluster at an address decides that itself")
    address: Annotated[str | None, LOCAL] = Field(
        None,
        min_length=1,
        description="Where a Dask scheduler (tcp://host:8786) or Ray (ray://host:10001) is at work already; unset: the "
        "runner starts its workers here",
    )
    others: dict[str, OtherStudy] = Field(
        default_factory=dict, alias="with", description="Other studies that steps of this one read, by a name of yours"
    )
    vocabulary: MiniVocabulary = MiniVocabulary()

    @property
    def sections(self) -> Sections:
        """The sections of all steps, and the vocabulary's, by the names they have in a study file."""
        fields = type(self).model_fields
        return Sections({fields[name].alias or name: value for name, value in self if isinstance(value, Section)})

    @model_validator(mode="after")
    def _address_fits(self) -> Self:
        if self.address and self.runner == "threads":
            raise ValueError(
                f"address = {self.address} is a cluster's, and runner is threads: set runner, or leave it out"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _spread_seed(cls, raw: object) -> object:
        """Give the study's seed to every section that has a seed and does not set it."""
        if not isinstance(raw, dict) or "seed" not in raw:
            return raw
        raw = dict(raw)
        for name, field in cls.model_fields.items():
            section = raw.get(field.alias or name, {})
            fields = getattr(field.annotation, "model_fields", {})
            if "seed" in fields and isinstance(section, dict):
                raw[field.alias or name] = {"seed": raw["seed"], **section}
        return raw


def _field(name: str, settings: type[Section]) -> tuple[str, Any]:
    """A section as a field; pydantic keeps some names, such as ``validate``, for itself."""
    taken = hasattr(BaseModel, name)
    return (f"{name}_", (settings, Field(settings(), alias=name))) if taken else (name, (settings, settings()))


def study_model(steps: Sequence[Step]) -> type[Common]:
    """The model of studies that are made of these steps: one section per step. Unknown keys are refused."""
    fields = dict(_field(step.name, step.settings) for step in steps)
    model: type[Common] = create_model("Study", __base__=Common, __doc__=Common.__doc__, **fields)
    return model


Study = study_model(STEPS)
MOVED = {  # keys that earlier versions knew, and where they are now
    "describe.gene_sets": "references.gene_sets",
    "describe.min_correlation": "modules.min_correlation",
    "validate.networks": "references.networks",
    "validate.signatures": "references.signatures",
}


STUDIES = Path(__file__).parent / "studies"


def study_file(path: Path) -> Path:
    """The file at ``path``; where there is none, the study of that name that comes with the program, if there is one.

    So that ``demo`` and ``flows/studies/demo.toml`` mean the same file in every folder, checkout or not.
    """
    own = STUDIES / f"{path.name.removesuffix('.toml')}.toml"
    is_bundled = path.parent in (Path(), Path("flows/studies")) and own.is_file()
    return own if is_bundled and not path.is_file() else path


def load_study(path: Path, overrides: list[str] | None = None) -> Common:
    """Read a study file (``study_file``) and apply ``key=value`` overrides. Raises RequestError with one clear line."""
    path = study_file(path)
    try:
        raw = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise RequestError(
            f"no study at {path}: give the path of a .toml file, or the name of one that comes with it, such as demo"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
        raise RequestError(f"study {path} is not valid TOML: {error}") from None
    for override in overrides or []:
        _apply(raw, override)
    _place_others(raw, path.parent)
    try:
        return Study.model_validate(raw)
    except ValidationError as error:
        raise RequestError(f"study {path}: {_first_problem(error)}") from None


def sharing(other: Common, study: Common, name: str) -> Common:
    """The ``other`` study, named ``name`` by ``study``, with the sections and the model that it takes over from it.

    Raises RequestError for a section that no study has, or for two models.
    """
    fields = type(study).model_fields
    sections = {fields[key].alias or key: key for key, value in study if isinstance(value, Section)}
    wanted = study.others[name].share
    if unknown := [one for one in wanted if one not in sections]:
        raise RequestError(f"with.{name}.share: {unknown[0]} is no section of a study: {', '.join(sections)}")
    changed = {sections[one]: getattr(study, sections[one]) for one in wanted}
    model = study.others[name].model
    if model is not None and "model" in wanted:
        raise RequestError(f"with.{name}: model names one, and share takes over that of this study: leave one out")
    if model is not None:
        changed[sections["model"]] = other.sections.of(ModelSettings).model_copy(update={"path": model})
    return other.model_copy(update=changed)


def _place_others(raw: dict[str, Any], folder: Path) -> None:
    """Let the paths of other studies start where this study's file lies."""
    others = raw.get("with")
    for other in others.values() if isinstance(others, dict) else ():
        if isinstance(other, dict) and isinstance(other.get("study"), str):
            other["study"] = str(folder / other["study"])


def _apply(raw: dict[str, Any], override: str) -> None:
    """Set ``section.key=value`` in a raw study; the value is TOML if it parses, else plain text."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise RequestError(f"--set {override}: write it as section.key=value, for instance --set cells.n=500")
    *sections, last = key.split(".")
    target = raw
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise RequestError(f"--set {override}: {section} is a single value, not a section")
    target[last] = _value(text)


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _first_problem(error: ValidationError) -> str:
    """The first validation problem as one line, with the nearest known key for an unknown one."""
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"]) or "study"
    if problem["type"] != "extra_forbidden":
        found = problem.get("input")
        words = problem["msg"].removeprefix("Value error, ")
        return f"{where}: {words}" if isinstance(found, dict) else f"{where}: {words} (found {found!r})"
    if where in MOVED:
        return f"{where} is now {MOVED[where]}: move it to section [{MOVED[where].partition('.')[0]}]"
    known = _known_keys(problem["loc"][:-1])
    near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    return f"{where} is not a key of a study: {hint}"


def _known_keys(sections: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at that place."""
    model: Any = Study
    for part in sections:  # places in lists and names in tables of sections are passed over
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = (section_of(fields[part].annotation) if part in fields else None) or model
    return [field.alias or name for name, field in model.model_fields.items()]
