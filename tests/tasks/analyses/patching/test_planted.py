"""On a linear model the answer is known: -a w.u for the aligned feature, nothing for an isotropic one, exactly 0."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from tasks.analyses.patching.step import PatchingSettings
from tasks.interventions.hidden import draw_rounds, hide
from tests.builders.contract import assert_contract
from tests.builders.linear_head import random_batches
from tests.tasks.analyses.patching.conftest import (
    ALIGNED,
    ISOTROPIC,
    MEMBERS,
    RANDOM,
    SETTINGS,
    planted_inputs,
    planted_model,
    run,
)

TABLES = ("causal_patch", "causal_patch_gene", "causal_patch_summary", "patch_cell", "patch_control")


def patch(done, feature, kind="term", rule="paired"):
    return (
        done[1]
        .read_table("causal_patch")
        .row(
            by_predicate=(pl.col("feature") == feature) & (pl.col("target_kind") == kind) & (pl.col("rule") == rule),
            named=True,
        )
    )


def test_an_aligned_feature_changes_its_targets_by_minus_a_w_u(done):
    """Activations of a cell are alike at hidden genes, and the normaliser cancels: D(T) - D(U) = -a w.(u_T - u_U)."""
    inputs, folder = done
    cells = folder.read_table("patch_cell").filter(feature=ALIGNED, target_kind="term", treatment="real")
    assert cells.height == len(inputs.heldout)
    for cell_id, found in cells.select("cell_id", "difference").iter_rows():
        cell, weights, total = inputs.heldout[cell_id], [], 0.0
        genes = inputs.adapter.is_gene(cell.tokens[0]).nonzero().flatten()
        for at in draw_rounds(genes, SETTINGS.hidden_share, SETTINGS.rounds, [SETTINGS.seed, 5, cell_id]):
            hidden = hide(inputs.adapter, cell, at)
            a = float(inputs.adapter.embed(hidden.shown)[0, at[0], ALIGNED])
            n_targets = int(torch.isin(hidden.tokens, torch.tensor(sorted(MEMBERS))).sum())
            weights.append(n_targets)
            total += n_targets * -a * 2.0
        assert found == pytest.approx(total / sum(weights), abs=1e-5)


def test_the_aligned_feature_alone_is_called(done):
    found = patch(done, ALIGNED)
    assert found["difference"] < -0.5
    assert found["q"] < 0.01
    assert found["p_direction"] < 0.5
    assert patch(done, ISOTROPIC)["difference"] == pytest.approx(0, abs=1e-5)


def test_genes_of_training_cells_are_those_that_were_planted(done):
    genes = done[1].read_table("causal_patch_gene").filter(target_kind="train", feature=ALIGNED)["symbol"]
    assert sum(int(symbol[1:]) in MEMBERS for symbol in genes) >= 0.95 * len(genes)
    assert patch(done, ALIGNED, "train")["difference"] < -0.5


def test_higher_activation_on_own_genes_fools_the_published_ratio_alone(done):
    """An isotropic feature: logits fall by its activation, three times as much at its own genes; predictions stay."""
    assert patch(done, ISOTROPIC, "own", "published_geneformer")["specificity"] == pytest.approx(3, abs=0.01)
    paired = patch(done, ISOTROPIC, "own")
    assert paired["difference"] == pytest.approx(0, abs=1e-5)
    assert paired["per_unit"] == pytest.approx(0, abs=1e-6)


def test_nothing_does_exactly_nothing_and_controls_stand_beside(done):
    controls = done[1].read_table("patch_control")
    zero = controls.filter(control="zero")
    assert zero.height == 9
    assert zero.select(pl.col("target_effect", "other_effect", "difference", "kl").abs().max()).row(0) == (0,) * 4
    assert zero["p"].to_list() == [1.0] * 9
    assert set(controls["control"]) == {
        "zero", "random_direction", "covariance_matched", "frequency_matched", "reconstruction"
    }  # fmt: skip


def test_a_direction_that_means_nothing_is_significant_too_and_the_null_knows_it(done):
    """Any direction does more to some genes than to others, the same in all cells: flips of cells cannot know."""
    summary = (
        done[1]
        .read_table("causal_patch_summary")
        .row(by_predicate=(pl.col("rule") == "paired") & (pl.col("target_kind") == "term"), named=True)
    )
    assert summary["control_called_share"] >= 0.5
    assert patch(done, RANDOM)["p_direction"] > 0.05


def test_tables_keep_their_contracts_and_equal_inputs_give_equal_bytes(done, tmp_path):
    again = run(planted_inputs(planted_model()), tmp_path / "patching-0123456789abcdef")
    for table in TABLES:
        assert_contract(done[1].read_table(table), table)
        assert [path.read_bytes() for path in again.shards(table)] == [
            path.read_bytes() for path in done[1].shards(table)
        ]


def test_without_any_target_nothing_is_tested(done, tmp_path):
    inputs = planted_inputs(planted_model())
    bare = [replace(one, members=frozenset(), term=None) for one in inputs.patched]
    settings = PatchingSettings(**{**SETTINGS.model_dump(), "rules": [], "targets": ["term"]})
    folder = run(replace(inputs, patched=bare), tmp_path / "patching-0123456789abcdef", settings)
    assert folder.info["n_tests"] == 0
    for table in TABLES:
        assert_contract(folder.read_table(table), table)
        assert folder.read_table(table).is_empty()


def test_an_interrupted_run_goes_on(done, tmp_path, monkeypatch):
    folder = tmp_path / "patching-0123456789abcdef"
    with monkeypatch.context() as broken:
        broken.setattr("tasks.analyses.patching.work.flip_tests", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(planted_inputs(planted_model()), folder)
    monkeypatch.setattr("tasks.analyses.patching.work.cell_rows", lambda *_: 1 / 0)
    again = run(planted_inputs(planted_model()), folder)
    assert again.read_table("causal_patch").equals(done[1].read_table("causal_patch"))


def test_values_are_scored_by_their_squared_error(tmp_path):
    inputs = planted_inputs(planted_model(predicts="values"))
    valued = {}
    for at, cell in random_batches(6, 80, 60, seed=3).items():
        values = torch.rand(1, 60, generator=torch.Generator().manual_seed(at))
        valued[at] = type(cell)(cell.tokens, cell.lengths, values)
    inputs = type(inputs)(**{**vars(inputs), "heldout": valued, "train": valued})
    settings = PatchingSettings(**{**SETTINGS.model_dump(), "rules": ["published_scgpt"], "targets": ["term"]})
    folder = run(inputs, tmp_path / "patching-0123456789abcdef", settings)
    found = folder.read_table("causal_patch")
    assert set(found["effect"]) == {"value", "displacement"}
    assert found["kl"].null_count() == found.height
    cells = folder.read_table("patch_cell").filter(feature=RANDOM, treatment="real")
    assert cells.height == len(valued)
    for cell_id, effect in cells.select("cell_id", "target_effect").iter_rows():
        assert effect == pytest.approx(slow_gain(inputs, cell_id), abs=1e-4)
    assert cells["target_effect"].abs().max() > 1e-3


def slow_gain(inputs, cell_id):
    """What hidden members gain, as minus the squared error, with feature RANDOM taken out of the linear model."""
    adapter, cell, gains = inputs.adapter, inputs.heldout[cell_id], []
    genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    for at in draw_rounds(genes, SETTINGS.hidden_share, SETTINGS.rounds, [SETTINGS.seed, 5, cell_id]):
        hidden = hide(adapter, cell, at)
        states = adapter.embed(hidden.shown)[0, at]
        codes = inputs.sae.encode(states)
        own = torch.where(codes.indices == RANDOM, codes.values, 0.0).sum(-1)
        before, truth = adapter.predict(states), cell.values[0, at]
        after = before - own * (inputs.sae.W_dec[RANDOM] @ adapter.head[0])
        member = torch.isin(cell.tokens[0, at], torch.tensor(sorted(MEMBERS)))
        gains += ((before - truth) ** 2 - (after - truth) ** 2)[member].tolist()
    return np.mean(gains)
