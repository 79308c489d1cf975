"""Step ``cohort`` on a small model: contracts, resuming with the autoencoder in training, and what is refused."""

import polars as pl
import pytest

from tasks.analyses.cohort.step import STEP, CohortSettings
from tasks.cells.settings import CellsSettings
from tasks.describe.settings import DescribeSettings
from tasks.sae.settings import SaeSettings
from tasks.sae.training.trainee import Trainee
from tasks.section import Sections
from tasks.store import RequestError, StepFolder
from tests.builders.cells import write_cells
from tests.builders.contract import assert_contract
from tests.builders.models import random_cells, tiny_vocabulary
from tests.builders.references import read_references, write_gmt
from tests.builders.sae_inputs import make_sae_inputs
from tests.builders.steps import do_step

COMMON = SaeSettings(steps=20, batch=128, warmup=2, decay=5, expansion=2, k=4, checkpoint_steps=8)
DESCRIBE = DescribeSettings(min_fire=2)
CHOICE = {"wanted": True, "column": "cell_type", "min_cells": 3, "null_draws": 2}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """40 cells, of types A and B in turn, every fifth held out."""
    root = tmp_path_factory.mktemp("cohort")
    made, vocabulary = make_sae_inputs(root), tiny_vocabulary()
    found = random_cells(vocabulary, [20, 30, 40, 25] * 10)
    obs = [{"cell_id": cell, "key": "donor", "value": None, "number": cell % 3, "kind": "number"} for cell in range(40)]
    cells = write_cells(root / "cells-2", found, vocabulary, heldout_every=5, obs=obs)
    sets = {f"set {i}": [f"SYM{token}" for token in range(first, first + 8)] for i, first in enumerate(range(4, 44, 8))}
    references = read_references(root, cells, [write_gmt(root / "sets.gmt", sets)])
    return {"activations": made.activations, "cells": cells, "references": references}


def run(folders, folder, **changes):
    settings = CohortSettings(**{**CHOICE, **changes})
    return do_step(STEP, settings, folder / "cohort-0123456789abcdef", DESCRIBE, COMMON, layer=1, **folders)


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs")))


def test_tables_keep_their_contracts(made):
    rows, contrasts = made.read_table("cohort"), made.read_table("cohort_contrast")
    assert_contract(rows, "cohort")
    assert_contract(contrasts, "cohort_contrast")
    assert rows.height == 3 * 3 * 2
    assert set(rows["cohort"]) == {"pooled", "A", "B"}
    assert rows["n_train_cells"].unique().to_list() == [4]
    assert rows["n_steps"].unique().to_list() == [20]
    assert rows["n_train_positions"].n_unique() == 1
    assert rows.group_by("source").agg(n=pl.col("n_positions").n_unique())["n"].to_list() == [1, 1]
    assert rows["n_cells"].unique().to_list() == [4]
    assert contrasts.select("metric", "source", "cohort").rows() == [
        (metric, source, cohort)
        for metric in ("fvu", "annotated")
        for source, others in (("A", ("pooled", "B")), ("B", ("pooled", "A")))
        for cohort in others
    ]
    assert not [name for name in made.lines if name.startswith("checkpoint")]


@pytest.mark.parametrize("killed_at", [30, 55])
def test_killed_it_goes_on_with_the_autoencoder_in_training(made, folders, tmp_path, monkeypatch, killed_at):
    """In the middle of the second, and of the third after a checkpoint; what is done is not trained again."""
    learn, steps = Trainee.learn, []

    def killed(self, *words):
        if len(steps) == killed_at:
            raise KeyboardInterrupt
        steps.append(1)
        learn(self, *words)

    with monkeypatch.context() as patch:
        patch.setattr(Trainee, "learn", killed)
        with pytest.raises(KeyboardInterrupt):
            run(folders, tmp_path)
    first = StepFolder(tmp_path / "cohort-0123456789abcdef")
    assert sum(name.startswith("cohort") for name in first.lines) == killed_at // 20
    assert [name for name in first.lines if name.startswith(f"checkpoint-cohort-{killed_at // 20:04d}")]
    again = StepFolder.open(run(folders, tmp_path))
    for table in STEP.tables:
        assert again.read_table(table).equals(made.read_table(table))


def test_a_checkpoint_of_another_autoencoder_is_not_gone_on_with(made, folders, tmp_path, monkeypatch):
    """Killed after a unit was written and before its checkpoint was removed."""
    with monkeypatch.context() as patch:
        patch.setattr("tasks.sae.training.checkpoints.drop_checkpoints", lambda *_, **__: None)
        patch.setattr("tasks.analyses.cohort.work.drop_checkpoints", lambda *_: None)
        run(folders, tmp_path)
    folder = tmp_path / "cohort-0123456789abcdef"
    with StepFolder.create(folder) as out:
        for name in ("cohort-0003", "contrasts"):
            out.drop(name)
    again = StepFolder.open(run(folders, tmp_path))
    for table in STEP.tables:
        assert again.read_table(table).equals(made.read_table(table))


def test_groups_of_values_are_sources(folders, tmp_path):
    groups = {"odd": (1,), "even": (0, 2)}  # donors are numbers
    rows = StepFolder.open(run(folders, tmp_path, column="donor", groups=groups, min_cells=2)).read_table("cohort")
    sizes = dict(rows.select("source", "n_cells").unique().iter_rows())
    assert sizes == {"odd": 2, "even": 6}  # held out are 0, 5, ..., 35; donor 1 has 10 and 25


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"min_cells": 6}, r"cohort: A has 16 training and 4 held-out cells, and 3 seeds of 6 cells .* need 18 and 6"),
        ({"column": "donor", "groups": {"x": (1,), "y": (7,)}}, r"no cell has donor = 7; the values are 0, 1, 2"),
        ({"column": "source"}, r"source has cells.h5ad alone in these cells, and two sources are needed"),
        ({"column": "tissue"}, r"cohort.column"),
    ],
)
def test_sources_that_cannot_be_compared_are_refused_in_one_line(folders, tmp_path, changes, told):
    with pytest.raises(RequestError, match=told) as refused:
        run(folders, tmp_path, **changes)
    assert "\n" not in str(refused.value)


def test_a_column_that_is_not_kept_is_refused_when_the_study_is_planned():
    sections = {"c": CohortSettings(wanted=True, column="tissue"), "cells": CellsSettings(obs=("donor",))}
    with pytest.raises(RequestError, match=r"cohort.column: tissue is not kept: add it to cells.obs, which has donor"):
        STEP.outside(Sections(sections), None)
