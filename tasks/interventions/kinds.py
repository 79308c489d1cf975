"""Kinds of changes and read-outs by name, for settings: nothing heavy is imported here."""

from typing import Literal

Kind = Literal["scale", "clamp", "clamp_all", "add"]
Learnt = Literal["signature", "signature_centred", "marker", "probability", "pseudotime"]
BY_EMBEDDING: tuple[Learnt, ...] = ("probability", "pseudotime")  # read-outs that need no predictions
