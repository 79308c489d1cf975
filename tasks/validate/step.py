"""Step ``validate``: hold what the circuits predict against what is known."""

from tasks.step import EVERY_LAYER, WHOLE, Figures, Step
from tasks.validate.settings import ValidateSettings

STEP = Step(
    name="validate",
    title="compare circuits with known biology",
    settings=ValidateSettings,
    version=3,
    work="tasks.validate.work:validate_circuits",
    tables=("gene_pair", "validation"),
    reads={"trace": EVERY_LAYER, "describe": EVERY_LAYER, "references": WHOLE, "model": WHOLE, "cells": WHOLE},
    on_device=False,
    figures=Figures("validation", ("check_name", "reference", "statistic", "observed", "null_mean", "p")),
    seconds=5,
)
