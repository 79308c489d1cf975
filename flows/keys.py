"""Every key that a study may set: its type, its default and its meaning, from the settings themselves."""

import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flows.study import Study
from tasks.section import Section, section_of

ONE = {int: "whole number", float: "number", str: "text", bool: "true or false", Path: "path"}
MANY = {int: "whole numbers", float: "numbers", str: "texts", bool: "true or false", Path: "paths"}
TOP = "study"  # what keys outside all sections are listed under


class Key(NamedTuple):
    """One key of a study. ``default`` is TOML, ``unset``, or empty where a value must be given."""

    section: str
    key: str
    kind: str
    default: str
    meaning: str


def study_keys() -> list[Key]:
    """All keys, section by section, in the order in which the settings declare them."""
    return [*_keys(Study, ())]


def sections() -> list[str]:
    """Names of the sections, TOP first."""
    return list(dict.fromkeys(key.section for key in study_keys()))


def _keys(model: type[Section], path: tuple[str, ...]) -> Iterator[Key]:
    nested: list[tuple[tuple[str, ...], type[Section]]] = []
    for name, field in model.model_fields.items():
        own, inner = (*path, field.alias or name), section_of(field.annotation)
        if inner is None or inner is not field.annotation:  # a section alone is no value, its keys are
            section = path[0] if path else TOP
            yield Key(section, ".".join(own), _kind(field.annotation), _default(field), field.description or "")
        if inner is not None:
            nested.append(((*own, "NAME") if get_origin(field.annotation) is dict else own, inner))
    for own, inner in nested:
        yield from _keys(inner, own)


def _kind(annotation: object, names: Mapping[type, str] = ONE) -> str:
    """A type in words; ``names`` are those of plain types."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(parts[0], names)
    if origin is Literal:
        return " or ".join(filter(None, (", ".join(map(str, parts[:-1])), str(parts[-1]))))
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(part, names) for part in parts if part is not type(None)))
    if origin in (list, tuple):
        return f"list of {_kind(parts[0], MANY)}"
    if origin is dict:
        return f"table of {_kind(parts[1], MANY)}"
    return _plain(annotation, names)


def _plain(annotation: object, names: Mapping[type, str]) -> str:
    section = "sections" if names is MANY else "section"
    return names.get(annotation, section) if isinstance(annotation, type) else str(annotation)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return ""
    return "unset" if value is None else _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Path):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value)
