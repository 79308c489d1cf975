"""Scores learnt from a finished step of cells: who they learn from, what they say, what another run gives."""

import re

import polars as pl
import pytest

from tasks.analyses.intervene import learners, step
from tasks.analyses.intervene.sections import ScoreSettings
from tasks.cells.reader import CellsReader
from tasks.store import RequestError
from tests.builders.contract import assert_contract
from tests.tasks.analyses.intervene.conftest import DONOR, changed, intervened


def test_tables_keep_their_contracts_and_come_out_again(planted, done, tmp_path):
    again = intervened(planted, tmp_path / "intervene-0123456789abcdef")
    for table in step.STEP.tables:
        frame = done.read_table(table)
        assert_contract(frame, table)
        assert frame.height > 0
        for one, other in zip(done.shards(table), again.shards(table), strict=True):
            assert one.read_bytes() == other.read_bytes()


def test_features_of_two_layers_are_named_with_their_autoencoders(done):
    rows = done.read_table("intervention").filter(intervention="several").sort("feature")
    assert rows["feature"].to_list() == [3, 5]
    assert rows["sae_id"].str.slice(0, 3).to_list() == ["L01", "L02"]
    zero = done.read_table("intervention_value").filter(treatment="zero")
    assert zero.height > 0
    assert zero["value"].abs().max() == 0


def test_a_probe_at_the_last_layer_has_no_p_and_one_before_has(done):
    real = done.read_table("intervention_summary").filter(treatment="real", readout="probability")
    told = dict(real.select("intervention", pl.col("p_shuffled").is_not_null()).iter_rows())
    assert told == {"several": True, "one": False}


def test_scores_learn_from_training_cells_that_are_not_measured(planted, done, monkeypatch):
    seen = []
    original = learners.clean_states

    def watched(adapter, tokens, rows):
        seen.append(rows)
        return original(adapter, tokens, rows)

    monkeypatch.setattr(learners, "clean_states", watched)
    settings = changed(cells_split="all", n_cells=40)
    found = intervened(planted, done.path.parent / "intervene-1", settings)
    measured = set(found.read_table("intervention_value")["cell_id"])
    cells = CellsReader(planted.cells).cells()
    learnt = cells[seen[0].tolist()]
    assert set(learnt["split"]) == {"train"}
    assert not measured & set(learnt["cell_id"])
    assert (cells.filter(pl.col("cell_id").is_in(measured))["split"] == "train").any()


def test_quality_is_told_of_labels_alone(done):
    quality = done.read_table("intervention_score")
    assert quality.filter(score="first").sort("readout")["readout"].to_list() == ["marker", "probability", "signature"]
    assert quality.filter(score="first")["value"].null_count() == 0
    assert quality.filter(score="late")["value"].null_count() == 1
    genes = done.read_table("intervention_gene")
    counts = dict(genes.group_by("score", "side").len().select(pl.concat_str("score", "side"), "len").iter_rows())
    assert counts == {"firstgenes": 4, "firstagainst": 4, "lategenes": 2, "lateagainst": 1, "restgenes": 1}


def test_donors_are_what_scores_are_tested_on(planted, tmp_path):
    settings = changed(donor="donor", scores=(ScoreSettings(name="early", label="holes", value="0.5"),))
    with pytest.raises(RequestError, match=r"intervene\.scores: early: no cell in use has holes = 0\.5"):
        intervened(planted, tmp_path / "intervene-1", settings)
    found = intervened(planted, tmp_path / "intervene-2", changed(donor="donor", scores=(DONOR,)))
    quality = found.read_table("intervention_score")
    assert set(quality["unit"]) == {"donor"}
    real = found.read_table("intervention_summary").filter(pl.col("p_shuffled").is_not_null())
    assert set(real["p_shuffled"]) == {1.0}  # labels of whole donors cannot be exchanged within them


def test_a_gene_set_is_found_by_library_and_name(planted):
    class References:
        def gene_sets(self):
            return {"mine": {"Of two": frozenset({"sym30", "SYM31", "NOGENE"}), "Unknown": frozenset({"NOGENE"})}}

    reader = CellsReader(planted.cells)
    named = ScoreSettings(name="set", gene_set="mine: Of two")
    own, against = learners.gene_lists(named, reader, References)
    listed = learners.gene_lists(ScoreSettings(name="set", genes=("SYM30", "SYM31")), reader, References)[0]
    assert own.tolist() == listed.tolist()
    assert len(against) == 0
    for text, message in (
        ("mine: Of three", "no gene set 'mine: Of three': write library: name; there are sets such as Of two"),
        ("yours: Of two", "there are mine"),
        ("mine: Unknown", "the model knows no gene of mine: Unknown"),
    ):
        with pytest.raises(RequestError, match=re.escape(message)):
            learners.gene_lists(ScoreSettings(name="set", gene_set=text), reader, References)
