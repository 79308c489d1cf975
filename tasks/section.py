"""Settings of a study: one frozen section per step. Unknown keys are refused, and numbers that are not finite."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, model_validator


class Local:
    """Marks a setting that holds paths of this machine: contents enter a key, and run records keep the last part."""


LOCAL = Local()


class Section(BaseModel):
    """Settings that a study file gives under one heading, or under a heading within another section."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _expand_home(cls, raw: object) -> object:
        """In paths of this machine, ``~`` is the home folder; a shell does not see to it behind ``--set KEY=``."""
        if not isinstance(raw, dict):
            return raw
        local = {field.alias or name for name, field in cls.model_fields.items() if LOCAL in field.metadata}
        return {name: _expanded(value) if name in local else value for name, value in raw.items()}


def _expanded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _expanded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_expanded(each) for each in value]
    if not (isinstance(value, str | Path) and str(value).startswith("~")):
        return value
    try:
        return str(Path(value).expanduser())
    except RuntimeError:  # there is no such user
        return value


Kind = TypeVar("Kind", bound=Section)


class Sections:
    """All sections of a study, by name or by kind."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = dict(sections)

    def __getitem__(self, name: str) -> Section:
        return self._sections[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def of(self, kind: type[Kind]) -> Kind:
        """The section of that kind. Raises KeyError if the study has none."""
        for section in self._sections.values():
            if type(section) is kind:
                return section
        raise KeyError(kind.__name__)


def section_of(annotation: object) -> type[Section] | None:
    """The section that a key of this type holds, alone, optional or in a list or table; None if it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = (section_of(part) for part in get_args(annotation))
    return next((each for each in found if each is not None), None)


def chosen_settings(section: Section, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Settings that differ from their defaults, as JSON values.

    A setting that is added later, with a default that changes nothing, thus leaves every key as it was.
    """
    return section.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(without))


def without_local_paths(section: Section) -> dict[str, Any]:
    """All settings as JSON values; of a path on this machine only the last part stays."""
    raw = section.model_dump(mode="json", by_alias=True)
    for name, field in type(section).model_fields.items():
        key = field.alias or name
        raw[key] = _recorded(getattr(section, name), raw[key], LOCAL in field.metadata)
    return raw


def _recorded(value: object, raw: object, local: bool) -> object:
    """``raw``, the JSON of a value, without the paths of sections in it."""
    if isinstance(value, Section):
        return without_local_paths(value)
    if isinstance(value, dict) and isinstance(raw, dict):
        return {name: _recorded(one, raw[name], local) for name, one in value.items()}
    if isinstance(value, tuple) and isinstance(raw, list):
        return [_recorded(each, one, local) for each, one in zip(value, raw, strict=True)]
    return Path(str(raw)).name if local and raw is not None else raw
