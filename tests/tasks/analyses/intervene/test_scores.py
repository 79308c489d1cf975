"""Scores of cells: values by hand, planted labels found, labels that mean nothing called no more than is said."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.analyses.intervene.inputs import InterveneInputs, Intervention
from tasks.analyses.intervene.scores import Score
from tasks.analyses.intervene.sections import ScoreSettings
from tasks.analyses.intervene.step import InterveneSettings
from tasks.analyses.intervene.work import Interventions
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.shuffled import shuffled_p
from tasks.interventions.states import States
from tasks.steps import step_named
from tasks.store import StepFolder
from tests.builders.contract import assert_contract
from tests.builders.linear_head import D, orthonormal_sae
from tests.builders.planted_scores import ALONG, ASIDE, N_FIT, N_MARKERS, build, learn

NAMED = ScoreSettings(name="label", label="x", value="y")
SETTINGS = InterveneSettings(
    readouts=("signature", "marker", "probability"), scores=(NAMED,), n_flips=500, n_shuffles=99, n_markers=N_MARKERS
)
TIMES = 3.0


@pytest.fixture(scope="module")
def world():
    return build(0)


@pytest.fixture(scope="module")
def bank(world):
    return learn(world, world.label[:N_FIT], 99, 0)


@pytest.fixture(scope="module")
def done(world, bank, tmp_path_factory):
    named = {"along": ALONG, "aside": ASIDE}
    interventions = [
        Intervention(name, (Change(0, feature, "scale", TIMES),), {(0, feature): 4}) for name, feature in named.items()
    ]
    cells = {cell: world.cells[cell] for cell in world.others}
    inputs = InterveneInputs(world.model, {0: TiledEncoder(orthonormal_sae(D))}, interventions, cells, {})
    folder = tmp_path_factory.mktemp("runs") / "intervene-0123456789abcdef"
    quality = {"score": "label", "metric": "auc", "value": 0.9, "sd": 0.1, "null_mean": 0.5, "null_high": 0.6}
    quality |= {"unit": "cell", "n_folds": 5, "n_cells": N_FIT, "n_early": N_FIT // 2, "n_late": N_FIT // 2}
    scores = [Score("label", bank, [{**quality, "readout": one} for one in SETTINGS.readouts], {})]
    with StepFolder.create(folder, step_named("intervene").tables) as out:
        Interventions(SETTINGS, inputs, out, lambda: scores).run()
        out.finish([])
    return StepFolder.open(folder)


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


@pytest.mark.parametrize(("name", "feature"), [("along", ALONG), ("aside", ASIDE)])
def test_values_are_those_of_a_plain_run_of_the_model(world, bank, done, name, feature):
    """Profiles over all positions, one by one; cosines, means and the logistic curve by hand."""
    values = done.read_table("intervention_value").filter(intervention=name, treatment="real", item="label")
    label, profiles = world.label[:N_FIT], world.states.profiles
    centre = profiles.mean(0)
    ends = [profiles[own].mean(0) - centre for own in (label, ~label)]
    share = [world.present[own].mean(0) for own in (label, ~label)]
    order = 4 + np.argsort((share[1] - share[0])[4:], kind="stable")
    for cell_id in values["cell_id"].unique():
        cell = world.cells[cell_id]
        state = world.model.embed(cell)[0]
        changed = state.clone()
        changed[:, feature] = torch.where(state[:, feature] > 0, TIMES * state[:, feature], state[:, feature])
        levels = []
        for one in (state, changed):
            z = np.stack([(row @ world.model.head.T).double().numpy() for row in one]).mean(0)
            odds = one.mean(0).double().numpy() @ bank.probability.weights[0] + bank.probability.offsets[0]
            signature = cosine(z - centre, ends[0]) - cosine(z - centre, ends[1])
            marker = z[order[:N_MARKERS]].mean() - z[order[-N_MARKERS:]].mean()
            levels.append({"signature": signature, "marker": marker, "probability": 1 / (1 + np.exp(-odds))})
        found = dict(values.filter(cell_id=cell_id).select("readout", "value").iter_rows())
        assert set(found) == set(levels[0])
        for readout, value in found.items():
            assert value == pytest.approx(levels[1][readout] - levels[0][readout], abs=1e-5), readout


def test_a_marker_is_a_difference_of_log_probabilities_too(world, bank):
    cell, markers = world.cells[N_FIT], bank.markers
    logits = world.model.embed(cell)[0] @ world.model.head.T
    log_p = logits.log_softmax(-1).double().mean(0).numpy()
    by_hand = log_p[markers.late[0]].mean() - log_p[markers.early[0]].mean()
    states = States(logits.double().mean(0).numpy()[None], np.ones((1, len(log_p)), bool), np.zeros((1, D)))
    assert bank.markers.levels(states.profiles, states.known[0])[0, 0] == pytest.approx(by_hand, abs=1e-5)


def test_controls_stand_beside_and_nothing_is_exactly_nothing(done):
    values = done.read_table("intervention_value")
    assert values["treatment"].n_unique() == 6
    assert values.filter(treatment="zero")["value"].abs().max() == 0
    for table in step_named("intervene").tables:
        assert_contract(done.read_table(table), table)


def test_only_the_feature_along_the_label_moves_scores_further_than_exchanged_labels(done):
    """The last layer is the only one: its probe follows from weights alone and is not tested."""
    summary = done.read_table("intervention_summary").filter(treatment="real")
    p = {(row["intervention"], row["readout"]): row["p_shuffled"] for row in summary.iter_rows(named=True)}
    assert max(p["along", readout] for readout in ("signature", "marker")) <= 0.05
    assert min(p["aside", readout] for readout in ("signature", "marker")) > 0.05
    assert p["along", "probability"] is p["aside", "probability"] is None
    assert summary.filter(readout="probability")["p"].null_count() == 2
    means = dict(summary.filter(intervention="along").select("readout", "mean").iter_rows())
    assert min(means.values()) > 0
    assert summary.filter(pl.col("intervention") == "along", pl.col("readout") == "marker")["beyond"].item()


def moved(world, bank, feature, cells):
    """Mean difference of levels [R] over cells by read-out, the feature's coordinate turned up where it is active."""
    total: dict[str, np.ndarray] = {}
    for cell in cells:
        state = world.model.embed(world.cells[cell])
        changed = state.clone()
        changed[..., feature] *= torch.where(state[..., feature] > 0, TIMES, 1.0)
        pair = [read(world, one, cell) for one in (state, changed)]
        before, after = (bank.levels(one) for one in pair)
        for name in before:
            total[name] = total.get(name, 0.0) + (after[name] - before[name])[0] / len(cells)
    return total


def read(world, state, cell):
    profile = (state[0] @ world.model.head.T).double().mean(0).numpy()[None]
    return States(profile, np.ones(profile.shape, bool), state.mean(1).double().numpy())


def rates(world, n_draws, seed, *, shuffled):
    """Share of p_shuffled <= 0.05 by read-out, for the label or for labels that mean nothing, of ALONG and ASIDE."""
    found: dict[str, list[list[bool]]] = {}
    for draw in range(n_draws):
        label = world.label[:N_FIT]
        label = np.random.default_rng([seed, draw]).permutation(label) if shuffled else label
        bank = learn(world, label, 99, draw)
        for feature in (ALONG, ASIDE):
            for name, means in moved(world, bank, feature, world.others).items():
                found.setdefault(name, [[], []])[feature == ASIDE].append(shuffled_p(means) <= 0.05)
    return {name: [float(np.mean(one)) for one in both] for name, both in found.items()}


def test_labels_that_mean_nothing_move_nothing_more_often_than_is_said(world):
    """200 draws of exchanged labels as the true ones; both features, each read-out."""
    found = rates(world, 200, 5, shuffled=True)
    print(f"labels of nothing, p <= 0.05 (along, aside): {found}")
    assert max(max(one) for one in found.values()) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def test_the_planted_feature_is_found_and_the_other_is_not():
    """Twelve worlds: recall of the feature along the label; of the one aside, more than chance at most by a few."""
    found = [rates(build(seed), 1, 6, shuffled=False) for seed in range(1, 13)]
    by_name = {name: np.mean([one[name] for one in found], axis=0).tolist() for name in found[0]}
    print(f"planted label, p <= 0.05 (along, aside): {by_name}")
    assert all(along >= 0.9 for along, _ in by_name.values())
    assert by_name["probability"][1] <= 0.34
