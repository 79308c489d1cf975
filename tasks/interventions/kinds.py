"""Kinds of changes by name, for settings: nothing heavy is imported here."""

from typing import Literal

Kind = Literal["scale", "clamp", "clamp_all", "add"]
