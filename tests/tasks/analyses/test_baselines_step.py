"""Step ``baselines`` on a small model: the same cells for every basis, an untrained twin, resumable training."""

import numpy as np
import pytest
import torch

from tasks.activations.reader import ActivationReader
from tasks.activations.settings import ActivationsSettings
from tasks.analyses.baselines.rates import libraries_of, rates
from tasks.analyses.baselines.sample import draw_sample
from tasks.analyses.baselines.step import BaselinesSettings
from tasks.cells.reader import CellsReader
from tasks.codes.reader import CodesReader
from tasks.codes.settings import CodesSettings
from tasks.describe.settings import DescribeSettings
from tasks.references.reader import ReferencesReader
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError, StepFolder
from tests.builders.cells import write_cells
from tests.builders.contract import assert_contract
from tests.builders.models import random_cells, tiny_vocabulary
from tests.builders.references import read_references, write_gmt
from tests.builders.sae_inputs import make_sae_inputs
from tests.builders.steps import do_step

LAYER, WIDTH = 1, 32
SMALL = SaeSettings(steps=40, batch=128, warmup=5, decay=10, splice_cells=4, expansion=2, checkpoint_steps=10)
DESCRIBE = DescribeSettings(min_fire=2, min_cells=5)
BASES = ["autoencoder", "neurons", "pca", "untrained_autoencoder", "untrained_model"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("baselines")
    reads = make_sae_inputs(root).reads
    sae = do_step("sae", SMALL, root / "sae-0123456789abcdef", layer=LAYER, **reads)
    activations = reads["activations"]
    codes = do_step("codes", CodesSettings(), root / "codes-1", layer=LAYER, sae=sae, activations=activations)
    sets = {f"set {i}": [f"SYM{token}" for token in range(first, first + 8)] for i, first in enumerate(range(4, 44, 8))}
    references = read_references(root, reads["cells"], [write_gmt(root / "sets.gmt", sets)])
    return {**reads, "sae": sae, "codes": codes, "references": references}


def run(folders, folder, **changes):
    settings = BaselinesSettings(wanted=True, **{"n_cells": 24, "null_draws": 2, **changes})
    return do_step("baselines", settings, folder, ActivationsSettings(), DESCRIBE, SMALL, layer=LAYER, **folders)


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs") / "baselines-0123456789abcdef"))


def test_the_table_keeps_its_contract(made):
    frame = made.read_table("baseline")
    assert_contract(frame, "baseline")
    assert frame["basis"].to_list() == BASES
    assert frame["n_features"].to_list() == [64, 64, 64, 64, 64]
    assert frame["n_steps"].to_list() == [40, None, None, 0, 40]
    assert frame["l0"].is_between(0, 8.0001).all()
    assert frame["n_cells"].to_list() == [24] * 5


def test_the_autoencoder_is_described_by_its_kept_firings_in_the_sample(made, folders):
    reader = ActivationReader(folders["activations"])
    sample = draw_sample(reader, CellsReader(folders["cells"]), 24, 0)
    place = {int(row): number for number, row in enumerate(sample.rows)}
    firings = []
    for chunk in CodesReader(folders["codes"]):
        kept = np.array([int(position) in place for position in chunk.position])
        position = np.array([place[int(p)] for p in chunk.position[kept]])
        firings.append(type(chunk)(position, chunk.feature[kept], chunk.value[kept]))
    libraries = libraries_of(ReferencesReader(folders["references"]).gene_sets(), sample.axes, DESCRIBE)
    expected = rates(firings, 64, sample, libraries, DESCRIBE, 2, 0)
    row = made.read_table("baseline").row(0, named=True)
    assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_a_sample_is_whole_cells_with_both_parts_of_the_split(folders):
    reader, cells = ActivationReader(folders["activations"]), CellsReader(folders["cells"])
    index, table = reader.index(), cells.cells()
    sample = draw_sample(reader, cells, 20, 3)
    assert len(sample.labels) == sample.axes.cell_id.size == 20
    assert np.array_equal(sample.rows, np.flatnonzero(np.isin(index.cell_id, sample.axes.cell_id)))
    split = dict(table.select("cell_id", "split").iter_rows())
    for part, name in ((sample.train, "train"), (sample.heldout, "heldout")):
        assert {split[c] for c in index.cell_id[sample.rows[part.numpy()]].tolist()} == {name}
    assert sample.labels == [
        dict(table.select("cell_id", "label").iter_rows())[c] for c in sample.axes.cell_id.tolist()
    ]
    assert np.array_equal(sample.tokens.tokens[sample.kept], index.token[sample.rows])
    assert torch.equal(sample.states(reader, LAYER), reader.load(LAYER)[torch.from_numpy(sample.rows)])
    every = draw_sample(reader, cells, None, 0)
    assert every.rows.size == reader.n_positions
    assert not np.array_equal(draw_sample(reader, cells, 20, 4).axes.cell_id, sample.axes.cell_id)


def test_killed_training_goes_on_from_its_checkpoint(made, folders, tmp_path, monkeypatch):
    folder = tmp_path / "baselines-0123456789abcdef"
    with monkeypatch.context() as broken:
        broken.setattr("tasks.analyses.baselines.work.train_to_end", killed_after_one_checkpoint)
        with pytest.raises(KeyboardInterrupt):
            run(folders, folder)
    assert any(name.startswith("checkpoint") for name in StepFolder(folder).lines)
    again = StepFolder.open(run(folders, folder))
    assert again.shards("baseline")[0].read_bytes() == made.shards("baseline")[0].read_bytes()
    assert [*again.lines] == ["baselines"]


def killed_after_one_checkpoint(training, out, label):
    from tasks.sae.training import checkpoints
    from tasks.store import Progress

    with Progress(label, training.common.steps, unit="step") as bar:
        training.advance(bar)
        checkpoints._save(training, out)
    raise KeyboardInterrupt


def test_cells_without_a_held_out_part_are_refused(folders, tmp_path):
    vocabulary = tiny_vocabulary()
    cells = random_cells(vocabulary, [20, 30, 40, 25] * 10)
    alone = write_cells(tmp_path / "cells", cells, vocabulary, heldout_every=1)
    with pytest.raises(RequestError, match="no train cell has a kept position: choose more cells"):
        run({**folders, "cells": alone}, tmp_path / "baselines-0123456789abcdef")


def test_more_than_memory_holds_is_refused(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"baselines of layer 1 needs .* available: lower baselines\.n_cells"):
        run(folders, tmp_path / "baselines-0123456789abcdef")


def test_done_work_is_not_repeated(made, folders, monkeypatch):
    (made.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.baselines.work.rates", None)
    assert StepFolder.open(run(folders, made.path)).info == made.info
