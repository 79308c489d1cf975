"""Requests that cannot be done, each refused in one line that says what to do; and pseudotimes from a root."""

import re

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tasks.analyses.steering.pseudotime import from_roots, pseudotime
from tasks.analyses.steering.roles import assign_roles
from tasks.analyses.steering.step import SteeringSettings
from tasks.analyses.steering.tables import cell_frame
from tasks.cells.reader import CellsReader
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.steps import step_named
from tasks.store import RequestError, StepFolder
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.own_models import described
from tests.tasks.analyses.steering.conftest import SETTINGS, steer


def changed(**changes):
    return SteeringSettings(**{**SETTINGS.model_dump(), **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"multipliers": (1.0, 2.0)}, "a multiplier of 1 changes nothing"),
        ({"multipliers": (float("nan"),)}, "finite number"),
        ({"multipliers": (float("inf"),)}, "finite number"),
        ({"dose": (1.0,)}, "a multiplier of 1 changes nothing"),
        ({"pseudotime": None}, "name either pseudotime"),
        ({"root": {"cell_type": "A"}}, "name either pseudotime"),
        ({"n_on": 0, "n_off": 0}, "the panel has no features"),
        ({"early_markers": ()}, "give early_markers and late_markers, or neither"),
    ],
)
def test_settings_that_ask_for_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        changed(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pseudotime": "constant"}, "is 1 in every cell, so no cell is early"),
        ({"pseudotime": "holes"}, r"no finite number for \d+ of 120 cells"),
        ({"pseudotime": "donor"}, "holds category values and no numbers"),
        ({"pseudotime": None, "root": {"cell_type": "C"}}, "no cell of this study has cell_type = C: there are A, B"),
        ({"pseudotime": None, "root": {"cell_typ": "A"}}, "did you mean cell_type"),
        ({"pseudotime": None, "root": {"cell_type": "A", "constant": 2}}, "no cell of this study has constant = 2"),
        ({"min_d": 50.0}, "differs by |d| >= 50 between early and late"),
        ({"donor": "nobody"}, "no obs column nobody"),
        ({"cells_where": {"donor": "d9"}}, "no cell of this study has donor = d9"),
        ({"late_markers": ("FOXP3",)}, "the model knows none of FOXP3"),
        ({"tail": 0.03}, "early and"),
        ({"where": {"cell_type": "C"}}, "no cell of this study has cell_type = C: there are A, B"),
        (
            {"pseudotime": None, "root": {"cell_type": "A"}, "where": {"cell_type": "B"}},
            "steering.root: no cell that steering.where leaves has all of these values",
        ),
    ],
)
def test_bad_requests_are_refused_in_one_line(planted, tmp_path, changes, message):
    folder = tmp_path / "steering-1"
    with pytest.raises(RequestError, match=re.escape(message) if "\\" not in message else message) as refused:
        steer(planted, folder, changed(**changes))
    assert "\n" not in str(refused.value)
    assert not StepFolder(folder).lines


@pytest.mark.parametrize(
    ("key", "value"),
    [("pseudotime", "dpt"), ("donor", "patient"), ("where", {"patient": "p1"}), ("root", {"patient": "p1"})],
)
def test_a_column_that_the_study_does_not_keep_is_refused_before_anything_runs(key, value):
    rooted = {"pseudotime": None} if key == "root" else {}
    sections = Sections({"steering": changed(**rooted, **{key: value}), "cells": CellsSettings(obs=("pseudotime",))})
    name = "patient" if isinstance(value, dict) else value
    with pytest.raises(RequestError, match=f"steering.{key}: {name} is not kept: add it to cells.obs"):
        step_named("steering").outside(sections, None)


def test_a_model_that_predicts_nothing_steers_its_embedding_alone(planted, tmp_path, monkeypatch):
    from tasks.models.families.geneformer import GeneformerAdapter

    init = GeneformerAdapter.__init__

    def headless(self, *words):
        init(self, *words)
        self.predicts = "nothing"

    monkeypatch.setattr(GeneformerAdapter, "__init__", headless)
    with pytest.raises(
        RequestError, match=r"signature, signature_centred, marker are read from predictions"
    ) as refused:
        steer(planted, tmp_path / "steering-1")
    assert 'set steering.readouts = ["probability", "pseudotime"]' in str(refused.value)
    few = changed(readouts=("probability", "pseudotime"), n_on=1, n_off=0, n_cells=3, dose=(), multipliers=(2.0,))
    made = StepFolder.open(steer(planted, tmp_path / "steering-2", few))
    assert set(made.read_table("steering_value")["readout"]) == {"probability", "pseudotime"}
    assert made.read_table("signature").is_empty()


def test_files_that_show_a_silent_model_are_refused_before_anything_runs(tmp_path):
    silent = ModelSettings(path=str(tmp_path), own=described(mask=None))

    def asks(**changes):
        sections = {"steering": changed(**changes), "cells": CellsSettings(obs=("pseudotime",)), "model": silent}
        return step_named("steering").outside(Sections(sections), None)

    with pytest.raises(RequestError, match=r'leave steering out, or set steering.readouts = \["probability"'):
        asks()
    assert asks(readouts=("probability",)) == asks(wanted=False) == {}


def test_a_model_that_embeds_nothing_is_refused(planted, tmp_path, monkeypatch):
    from tasks.models.families.geneformer import GeneformerAdapter

    monkeypatch.setattr(GeneformerAdapter, "embed_cells", lambda self, hidden, batch: hidden[:, 0] * 0)
    with pytest.raises(
        RequestError, match="embeds nothing that a probe could read: leave probability and pseudotime out"
    ):
        steer(planted, tmp_path / "steering-1")


def test_pseudotime_from_a_root_follows_the_planted_one(planted):
    reader = CellsReader(planted.cells)
    rooted = changed(
        pseudotime=None, root={"pseudotime": [float(one) for one in np.sort(planted.time)[:3]]}, neighbours=10
    )
    found = pseudotime(rooted, reader)
    assert found.min() == 0
    assert found.max() == 1
    assert spearmanr(found, planted.time).statistic > 0.75


@pytest.mark.parametrize("panel", ["separate", "published"])
def test_cells_off_the_trajectory_take_no_part(planted, panel):
    """Whatever the others hold, places, roles and the panel are those of a study of the named cells alone."""
    reader = CellsReader(planted.cells)
    half = [float(one) for one in np.sort(planted.time)[::2]]
    settings = changed(pseudotime=None, root={"pseudotime": half[:3]}, where={"pseudotime": half}, panel=panel)
    times = pseudotime(settings, reader)
    on = np.isin(planted.time, half)
    assert np.isfinite(times).tolist() == on.tolist()
    assert (times[on].min(), times[on].max()) == (0, 1)
    alone = from_roots(settings, reader.counts()[np.flatnonzero(on)], np.isin(planted.time[on], half[:3]))
    np.testing.assert_array_equal(times[on], alone)
    roles = assign_roles(settings, reader, times)
    for mask in (roles.early, roles.late, roles.choose, roles.fit):
        assert mask.any()
        assert not mask[~on].any()
    assert cell_frame(roles, [])["cell_id"].to_list() == roles.cell_id[on].tolist()
    everyone = changed(where={"cell_type": ["A", "B"]}, panel=panel)
    np.testing.assert_array_equal(pseudotime(everyone, reader), pseudotime(changed(panel=panel), reader))


def test_donors_are_what_probes_are_tested_on(planted, tmp_path):
    settings = changed(donor="donor", n_on=1, n_off=0, n_cells=2, dose=(), multipliers=(2.0,), controls=())
    probes = StepFolder.open(steer(planted, tmp_path / "steering-1", settings)).read_table("probe")
    assert set(probes["unit"]) == {"donor"}
    assert set(probes["n_folds"]) == {3}


def test_the_published_panel_is_chosen_on_all_cells_and_has_no_p(planted, tmp_path):
    settings = changed(panel="published", n_on=1, n_off=1, n_cells=3, dose=(), multipliers=(2.0,), controls=())
    made = StepFolder.open(steer(planted, tmp_path / "steering-1", settings))
    assert made.read_table("steering_cell")["chooses"].all()
    summary = made.read_table("steering_summary")
    assert summary["p"].null_count() == summary.height
    assert summary.filter(arm="feature")["q_published"].null_count() == 0


def test_a_feature_is_steered_alike_whatever_else_is_in_the_panel(planted, steered, tmp_path):
    again = StepFolder.open(steer(planted, tmp_path / "steering-1", changed(n_on=1, n_off=0, n_cells=8)))
    key = ["layer", "feature", "arm", "multiplier", "readout", "cell_id"]
    own = again.read_table("steering_value").filter(pl.col("arm") != "matched")  # partners stand outside the panel
    both = own.join(steered.read_table("steering_value"), on=key, suffix="_before")
    assert both.height == own.height > 100
    np.testing.assert_allclose(both["value"], both["value_before"], atol=1e-7)
