"""Step ``validate``: hold what the circuits predict against what is known."""

from tasks.step import EVERY_LAYER, WHOLE, Figures, Reads, Step
from tasks.validate.settings import ValidateSettings

IF_ANY = Reads("if there is one", WHOLE.choose, optional=True, added=True)

STEP = Step(
    name="validate",
    title="compare circuits with known biology",
    settings=ValidateSettings,
    version=4,
    work="tasks.validate.work:validate_circuits",
    tables=("gene_pair", "validation", "validation_summary", "pair_validation"),
    reads={
        "trace": EVERY_LAYER,
        "describe": EVERY_LAYER,
        "references": WHOLE,
        "model": WHOLE,
        "cells": WHOLE,
        "responses": IF_ANY,
    },
    on_device=False,
    figures=Figures("validation", ("check_name", "reference", "statistic", "observed", "null_mean", "p")),
    seconds=5,
)
