"""Step ``validate``: hold what the circuits predict against what is known."""

from tasks.section import Sections
from tasks.step import EVERY_LAYER, WHOLE, Figures, Layer, Step
from tasks.store import RequestError, sha256_once
from tasks.validate.settings import ValidateSettings


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of every network and signature file. Raises RequestError for one that is not there."""
    files = sections.of(ValidateSettings).reference_files()
    for path in files.values():
        if not path.is_file():
            raise RequestError(f"validate: no file at {path}: give the path of a .gmt file")
    return {"references": {name: sha256_once(path) for name, path in files.items()}}


STEP = Step(
    name="validate",
    title="compare circuits with known biology",
    settings=ValidateSettings,
    version=1,
    work="tasks.validate.work:validate_circuits",
    tables=("gene_pair", "validation"),
    reads={"trace": EVERY_LAYER, "describe": EVERY_LAYER, "model": WHOLE, "cells": WHOLE},
    outside=outside,
    apart=frozenset({"networks", "signatures"}),
    on_device=False,
    figures=Figures("validation", ("check_name", "reference", "statistic", "observed", "null_mean", "p")),
)
