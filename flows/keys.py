"""Every key that a study may set: its type, its default and its meaning, from the settings themselves."""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flows.study import Study
from tasks.section import Section

PLAIN = {int: "whole number", float: "number", str: "text", bool: "true or false", Path: "path", dict: "table"}
TOP = "study"  # what keys outside all sections are listed under


class Key(NamedTuple):
    """One key of a study. ``default`` is TOML, or empty where a value must be given."""

    section: str
    key: str
    kind: str
    default: str
    meaning: str


def study_keys() -> list[Key]:
    """All keys, section by section, in the order in which the settings declare them."""
    return [*_keys(Study, (), top=True)]


def sections() -> list[str]:
    """Names of the sections, TOP first."""
    return list(dict.fromkeys(key.section for key in study_keys()))


def _keys(model: type[Section], path: tuple[str, ...], *, top: bool = False) -> Iterator[Key]:
    nested = []
    for name, field in model.model_fields.items():
        own = (*path, field.alias or name)
        inner = _section_of(field.annotation)
        if top and inner is field.annotation:
            nested.append((own, inner))
            continue
        if inner is not None:
            nested.append((own, inner))
            if inner is field.annotation:
                continue
        yield Key(
            path[0] if path else TOP, ".".join(own), _kind(field.annotation), _default(field), field.description or ""
        )
    for own, inner in nested:
        if inner is not None:
            yield from _keys(inner, own)


def _section_of(annotation: Any) -> type[Section] | None:
    """The section that a key holds, alone, optional or in a list or table."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = [_section_of(part) for part in get_args(annotation)]
    return next((each for each in found if each is not None), None)


def _kind(annotation: Any) -> str:
    """A type in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(parts[0])
    if origin is Literal:
        return ", ".join(map(str, parts[:-1])) + " or " + str(parts[-1]) if len(parts) > 1 else str(parts[0])
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(part) for part in parts if part is not type(None)))
    if origin in (list, tuple):
        return f"list of {_kind(parts[0])}"
    if origin is dict:
        return f"table of {_kind(parts[1])}"
    return PLAIN.get(annotation, "section")


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
    if isinstance(value, dict):
        return "{}" if not value else str(value)
    return str(value)
