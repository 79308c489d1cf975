"""Scores, donors and interventions that cannot be had are refused in one line."""

import re

import pytest
from pydantic import ValidationError

from tasks.analyses.intervene import step
from tasks.analyses.intervene.sections import ChangeSettings, InterventionSettings, ScoreSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.own_models import described
from tests.tasks.analyses.intervene.conftest import DONOR, GENES, SETTINGS, changed, intervened


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": (ScoreSettings(name="a", label="donor", value="d9"),)}, "there are d1, d2, d3, d4"),
        ({"scores": (ScoreSettings(name="a", label="nothing", value="d1"),)}, "nothing"),
        ({"scores": (ScoreSettings(name="a", genes=("NOGENE",)),)}, "the model does not know NOGENE"),
        ({"n_markers": 30}, "so 30 on either side cannot tell first"),
        ({"cells_split": "train", "n_cells": 79}, "1 training cells are not measured, 10 are needed"),
        ({"donor": "holes"}, "intervene.donor: holes says nothing of"),
    ],
)
def test_bad_requests_are_refused_in_one_line(planted, tmp_path, changes, message):
    settings = changed(**changes)
    if "scores" in changes and not changes["scores"][0].label:
        settings = settings.model_copy(update={"readouts": ("marker",)})
    with pytest.raises(RequestError, match=re.escape(message)) as refused:
        intervened(planted, tmp_path / "intervene-1", settings)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ({"label": "donor"}, "label and value go together"),
        ({}, "needs a label, genes or a gene_set, one of the three"),
        ({"genes": ("A",), "gene_set": "b: c"}, "one of the three"),
        ({"label": "donor", "value": "d1", "against": ("A",)}, "held against all others: leave against out"),
        ({"genes": ("A",), "against": ("a",)}, "A is among genes and against"),
    ],
)
def test_scores_that_say_too_little_or_too_much_are_refused(section, line):
    with pytest.raises(ValidationError, match=line):
        ScoreSettings(name="a", **section)


def test_scores_and_readouts_go_together():
    with pytest.raises(ValidationError, match="and the list scores go together"):
        InterveneSettings(readouts=("marker",))
    with pytest.raises(ValidationError, match="score late is read by no read-out: add marker"):
        InterveneSettings(readouts=("signature",), scores=(DONOR, GENES))
    with pytest.raises(ValidationError, match="read-out signature learns from a label, and no score names one"):
        InterveneSettings(readouts=("signature", "marker"), scores=(GENES,))
    with pytest.raises(ValidationError, match="two scores are called late"):
        InterveneSettings(readouts=("marker",), scores=(GENES, GENES))
    with pytest.raises(ValidationError, match="intervention a names a feature twice"):
        InterventionSettings(name="a", layer=1, changes=(ChangeSettings(feature=1), ChangeSettings(feature=1, layer=1)))


@pytest.mark.parametrize(("key", "value"), [("donor", "patient"), ("scores: first", "donor")])
def test_a_column_that_the_study_does_not_keep_is_refused_before_anything_runs(key, value):
    settings = changed(donor="patient") if key == "donor" else SETTINGS
    obs = ("donor",) if key == "donor" else ("pseudotime",)
    sections = Sections({"intervene": settings, "cells": CellsSettings(obs=obs)})
    with pytest.raises(RequestError, match=f"intervene.{key}: {value} is not kept: add it to cells.obs"):
        step.outside(sections, None)


def test_files_that_show_a_silent_model_are_refused_before_anything_runs(tmp_path):
    silent = ModelSettings(path=str(tmp_path), own=described(mask=None))
    cells = CellsSettings(obs=("donor",))

    def asks(settings):
        return step.outside(Sections({"intervene": settings, "cells": cells, "model": silent}), None)

    with pytest.raises(RequestError, match=r"leave intervene out, or set intervene.readouts to some of"):
        asks(SETTINGS)
    assert asks(InterveneSettings()) == {}
    assert asks(InterveneSettings(interventions=SETTINGS.interventions, readouts=("embedding",))) == {}


def test_references_are_read_only_where_a_score_names_a_gene_set():
    reads = step.STEP.reads["references"]
    assert reads.added
    assert reads.choose(SETTINGS, None, [None]) == []
    named = changed(scores=(ScoreSettings(name="a", gene_set="b: c"),))
    assert reads.choose(named, None, [None]) == [None]
