"""Step transfer on folders: a study beside itself, and beside one with other autoencoders."""

from dataclasses import replace

import polars as pl
import pytest

from tasks.analyses.effect_sizes.halves import CAPPED
from tasks.analyses.transfer.side import Side
from tasks.analyses.transfer.step import STEP, TransferSettings, traced_there
from tasks.section import Sections
from tasks.step import Inputs, run_unit
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.study_shards import make_study

SETTINGS = TransferSettings(wanted=True, criterion="published")


def folders_of(root, seed):
    _, folders = make_study(root, seed, n_features=40, layers=(0, 1))
    found = {name: [f for f in folders if f.name.startswith(f"{name}-")] for name in ("trace", "describe", "cells")}
    described = dict(enumerate(found["describe"]))
    return {
        "trace": {0: found["trace"][0]}, "describe": described, "effect_sizes": {}, "cells": {None: found["cells"][0]}
    }  # fmt: skip


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    root = tmp_path_factory.mktemp("studies")
    return folders_of(root / "a", 0), folders_of(root / "b", 1)


def run(studies, folder, others, settings=SETTINGS):
    sections = Sections({"transfer": settings})
    return StepFolder.open(run_unit(STEP, settings, Inputs(sections, studies[0], "cpu", 0, others), folder))


@pytest.fixture(scope="module")
def done(studies, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "transfer-0123456789abcdef"
    return run(studies, folder, {"itself": studies[0], "strangers": studies[1]})


def test_tables_keep_their_contracts(done):
    for table in STEP.tables:
        assert_contract(done.read_table(table), table)
    assert done.read_table("transfer_summary").height == 22


def test_a_study_is_like_itself(studies, done):
    (row,) = done.read_table("transfer_edge").rows(named=True)
    assert row["other"] == "itself"
    assert (row["jaccard"], row["rho"]) == (1.0, pytest.approx(1.0))
    assert row["jaccard_chance"] < 0.5
    degrees = StepFolder.open(studies[0]["trace"][0]).read_table("feature_degree")
    out = degrees.filter(direction="out", effect="total", criterion="published")
    assert row["n_own"] == out["degree"].sum()
    summary = done.read_table("transfer_summary").filter(other="itself")
    assert summary["own"].equals(summary["theirs"].rename("own"))
    assert summary.filter(statistic="n_features")["own"][0] == out["feature"].n_unique()


def test_effects_of_a_study_are_those_of_itself(studies, done):
    stat = StepFolder.open(studies[0]["trace"][0]).read_table("edge_stat").filter(effect="total")
    rows = {row["criterion"]: row for row in done.read_table("run_pair_stability").rows(named=True)}
    assert set(rows) == {"tested", "published"}
    assert rows["tested"]["n_both"] == rows["tested"]["n_first"] == stat.height
    for row in rows.values():
        assert (row["jaccard"], row["sign_agreement"], row["n_cells"]) == (1.0, 1.0, 0)
        assert row["r"] == pytest.approx(1)
        assert row["r_se"] == pytest.approx(0, abs=1e-9)
    assert abs(rows["tested"]["r_chance"]) < 0.5


def test_sources_that_both_have_make_no_difference(done):
    found = done.read_table("source_contrast")
    assert found["own"].equals(found["theirs"].rename("own"))
    assert found["p"].null_count() == found.height
    assert found["same_cells"].all()
    n = found.filter(statistic="n_edges")
    assert n["own"][0] * n["n_own"][0] == pytest.approx(done.read_table("transfer_edge")["n_own"][0])


def test_gene_pairs_are_those_of_itself_and_of_strangers_by_chance(done):
    found = done.read_table("paired_gene_pair")
    assert found.height == 6
    itself = found.filter(other="itself")
    assert itself["r"].to_list() == pytest.approx([1] * 3)
    assert itself["ratio"].to_list() == pytest.approx([1] * 3)
    assert itself["n_both"].equals(itself["n_own"].rename("n_both"))
    raw, share, length = found.filter(other="strangers").sort("scaling", descending=True).rows(named=True)
    assert (raw["scaling"], share["scaling"], length["scaling"]) == ("raw", "input_share", "feature_share")
    assert abs(raw["r"]) < 0.3


def test_classes_are_wired_as_in_itself(done):
    found = done.read_table("class_contrast")
    assert set(found["other"]) <= {"itself"}
    assert found.height > 0
    told = found.drop_nulls("p")
    assert told["own"].equals(told["theirs"].rename("own"))
    assert set(told["difference"]) <= {0.0}
    assert set(told["p"]) <= {1.0}
    assert found["own_cells"].equals(found["their_cells"].rename("own_cells"))


def test_other_autoencoders_are_compared_by_their_spread_alone(done):
    assert "strangers" not in done.read_table("transfer_edge")["other"].to_list()
    summary = done.read_table("transfer_summary").filter(other="strangers")
    assert summary["other_sae"].n_unique() == 1
    assert summary["other_sae"][0] != summary["source_sae"][0]


def test_halves_give_the_ceiling(studies, tmp_path):
    trace = StepFolder.open(studies[0]["trace"][0])
    target = trace.read_table("feature_degree").filter(direction="out")["other_sae"][0]
    rows = {
        "effect": "total", "criterion": ["published", CAPPED], "source_sae": "-", "target_sae": target, "n_sources": 9,
        "n_first": 5, "n_second": 5, "n_both": 4, "jaccard": [4 / 6, 0.1], "jaccard_chance": 0.1,
        "sign_agreement": 1.0, "sign_chance": 0.5, "r": 0.8, "r_chance": 0.1,
    }  # fmt: skip
    halves = tmp_path / "effect_sizes-0123456789abcdef"
    with StepFolder.create(halves) as out:
        with out.unit("effect_sizes") as unit:
            unit.table("split_half", pl.DataFrame(rows))
        out.finish()
    beside = {**studies[0], "effect_sizes": {0: halves}}
    found = run(studies, tmp_path / "transfer-0123456789abcdef", {"itself": beside}).read_table("transfer_edge")
    assert found["ceiling_there"].to_list() == pytest.approx([4 / 6])
    assert found["ceiling"].to_list() == [None]


def test_a_request_that_cannot_be_served_is_one_line(studies, tmp_path):
    direct = SETTINGS.model_copy(update={"effect": "sideways"})
    with pytest.raises(RequestError, match=r"transfer\.effect: sideways effects were not traced"):
        run(studies, tmp_path / "transfer-0123456789abcdef", {}, direct)
    with pytest.raises(RequestError, match="layer 2 is traced here, and a study named under with traces layers 0, 1"):
        traced_there(SETTINGS, 2, [0, 1])


def test_another_ablation_is_not_compared(studies, tmp_path, monkeypatch):
    """Doubling a feature turns the sign of every effect round."""
    opened = Side.open.__func__

    def doubled_there(cls, wanted, layer, steps):
        side = opened(cls, wanted, layer, steps)
        return replace(side, change="ablation scale = 2, positions active") if steps == studies[1] else side

    monkeypatch.setattr(Side, "open", classmethod(doubled_there))
    asked = r"with\.twice traces ablation scale = 2, positions active: set the same trace\.ablation"
    with pytest.raises(RequestError, match=asked):
        run(studies, tmp_path / "transfer-0123456789abcdef", {"twice": studies[1]})


def test_what_was_done_to_sources_is_in_the_words_of_the_settings(studies):
    own = Side.open(SETTINGS, 0, dict(studies[0]))
    assert own.change.startswith("ablation ")
    assert "positions" in own.change
