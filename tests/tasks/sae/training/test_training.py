from dataclasses import replace

import polars as pl
import pytest
import torch
from torch import Tensor

from tasks.sae.metrics import reconstruction
from tasks.sae.positions import Positions
from tasks.sae.settings import SaeSettings
from tasks.sae.training.training import Trained
from tasks.sae.variants import VARIANTS
from tests.builders.planted_positions import planted_positions
from tests.builders.sae_training import seeded_start, train, train_all

QUICK = SaeSettings(expansion=4, k=3, steps=400, batch=512, lr=5e-3, warmup=20, decay=100, auxk=0)


def fit(settings: SaeSettings, positions: Positions) -> Trained:
    return train(seeded_start(settings, positions)[0], positions, settings)


@pytest.fixture(scope="module")
def planted() -> tuple[Positions, Tensor]:
    return planted_positions()


@pytest.fixture(scope="module")
def trained(planted: tuple[Positions, Tensor]) -> Trained:
    return fit(QUICK, planted[0])


def test_a_planted_dictionary_is_found_again(planted: tuple[Positions, Tensor], trained: Trained) -> None:
    positions, directions = planted
    best = (directions @ trained.sae.W_dec.T).amax(dim=1)
    assert best.mean() >= 0.9
    chunks = positions.chunks(positions.heldout)
    assert reconstruction(trained.sae, chunks, positions.mean(positions.heldout)).fvu < 0.1


def test_feature_directions_have_unit_norm(trained: Trained) -> None:
    torch.testing.assert_close(trained.sae.decoder_norms, torch.ones(trained.sae.n_features), rtol=0, atol=1e-6)


def test_same_seed_gives_the_same_bits_and_another_seed_others(planted: tuple[Positions, Tensor]) -> None:
    short = QUICK.model_copy(update={"steps": 30, "decay": 0, "auxk": 0.1, "dead_after": 2000})
    first, second = (fit(short, planted[0]) for _ in range(2))
    other = fit(short.model_copy(update={"seed": 1}), planted[0])
    for name, weight in first.sae.parameters.items():
        assert torch.equal(second.sae.parameters[name], weight)
        assert not torch.equal(other.sae.parameters[name], weight)
    assert first.curve.frame("a").equals(second.curve.frame("a"))


def test_training_does_not_depend_on_the_units_of_the_activations(planted: tuple[Positions, Tensor]) -> None:
    short = QUICK.model_copy(update={"steps": 30, "decay": 0})
    as_is = fit(short, planted[0])
    times_eight = fit(short, replace(planted[0], hidden=planted[0].hidden * 8))
    torch.testing.assert_close(times_eight.sae.W_dec, as_is.sae.W_dec, rtol=0, atol=1e-6)
    torch.testing.assert_close(times_eight.sae.b_dec, 8 * as_is.sae.b_dec, rtol=1e-5, atol=1e-5)
    assert times_eight.input_scale == pytest.approx(as_is.input_scale / 8)


def test_untrained_weights_are_left_as_they_are(planted: tuple[Positions, Tensor]) -> None:
    settings = QUICK.model_copy(update={"steps": 2, "warmup": 0, "decay": 0})
    untrained = seeded_start(settings, planted[0])[0]
    before = {name: weight.clone() for name, weight in untrained.parameters.items()}
    train(untrained, planted[0], settings)
    assert all(torch.equal(weight, before[name]) for name, weight in untrained.parameters.items())


def test_auxk_revives_dead_features_and_they_explain_more() -> None:
    positions, _ = planted_positions(n_features=128)
    n_dead, fvu = {}, {}
    for auxk in (0.0, 1 / 32):
        settings = QUICK.model_copy(update={"steps": 200, "auxk": auxk, "dead_after": 2_000})
        sae = seeded_start(settings, positions)[0]
        sae.b_enc[:64] -= 1.0  # half the features are hardly ever among the k largest
        chunks = positions.chunks(positions.heldout)
        found = reconstruction(train(sae, positions, settings).sae, chunks, positions.mean(positions.heldout))
        n_dead[auxk], fvu[auxk] = found.n_dead, found.fvu
    assert n_dead[0.0] >= 60
    assert n_dead[1 / 32] <= 30
    assert fvu[1 / 32] < 0.9 * fvu[0.0]


def test_curve_has_both_splits_and_ends_at_the_last_step(trained: Trained) -> None:
    frame = trained.curve.frame("L00-topk128-k3-012345")
    assert sorted(frame["step"].unique()) == list(range(50, 401, 50))
    metrics = frame.group_by("split").agg("metric").sort("split")
    assert [sorted(set(m)) for m in metrics["metric"]] == [
        ["dead_fraction", "fvu", "l0", "loss"],
        ["dead_fraction", "fvu", "l0", "learning_rate", "loss"],
    ]
    assert frame["value"].is_finite().all()


def test_the_last_step_is_on_the_curve_whatever_the_interval(planted: tuple[Positions, Tensor]) -> None:
    settings = QUICK.model_copy(update={"steps": 7, "decay": 0, "log_every": 5})
    assert fit(settings, planted[0]).curve.frame("a")["step"].unique().to_list() == [5, 7]


def test_companions_change_nothing(planted: tuple[Positions, Tensor]) -> None:
    """Every variant, trained beside all others, is bit for bit what it becomes alone."""
    common = QUICK.model_copy(update={"steps": 40, "decay": 10, "sparsity_warmup": 10, "log_every": 20})
    every = [common.model_copy(update={"variant": variant, "seed": n}) for n, variant in enumerate(VARIANTS)]
    starts = [seeded_start(settings, planted[0]) for settings in every]
    for start, beside in zip(starts, train_all(starts, planted[0], common), strict=True):
        (alone,) = train_all([start], planted[0], common)
        assert all(torch.equal(beside.sae.parameters[name], found) for name, found in alone.sae.parameters.items())
        assert beside.curve.frame("a").equals(alone.curve.frame("a"))


def test_training_that_gains_nothing_ends_early_after_its_decay(planted: tuple[Positions, Tensor]) -> None:
    settings = QUICK.model_copy(update={"steps": 4000, "sparsity_warmup": 0, "patience": 3, "log_every": 20})
    patient = settings.model_copy(update={"patience": None, "steps": 600})
    early, long = train_all(
        [seeded_start(settings, planted[0]), seeded_start(patient, planted[0])], planted[0], settings
    )
    assert long.n_steps == 600
    assert early.n_steps < 2000
    frame = early.curve.frame("a")
    assert frame["step"].max() == early.n_steps
    rates = frame.filter(pl.col("metric") == "learning_rate").sort("step")["value"]
    assert rates[-1] == pytest.approx(settings.lr / settings.decay)
    fvu = frame.filter((pl.col("metric") == "fvu") & (pl.col("split") == "heldout")).sort("step")["value"]
    assert fvu[-1] <= 1.05 * fvu.min()
