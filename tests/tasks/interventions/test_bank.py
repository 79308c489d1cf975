"""Read-outs against loops over cells and genes; shuffles that stay within donors; models that say values."""

import numpy as np
import pytest

from tasks.interventions.bank import Markers, Times, fit_bank
from tasks.interventions.states import States

N, V, R = 40, 15, 6
READOUTS = ("signature", "signature_centred", "marker", "probability", "pseudotime")


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def world(values):
    rng = np.random.default_rng(3)
    known = rng.random((N, V)) < 0.7 if values else np.ones((N, V), dtype=bool)
    profiles = np.where(known, rng.normal(2, 1, (N, V)), 0.0)
    states = States(profiles, known, rng.normal(size=(N, 8)))
    time = rng.uniform(size=N)
    times = Times.shuffled(time, time < 0.4, time > 0.6, np.arange(N) % 2, R - 1, [0])
    return states, times


@pytest.mark.parametrize("values", [False, True])
def test_signatures_are_differences_of_cosines(values):
    states, times = world(values)
    bank = fit_bank(states, times, READOUTS[:2], None, 10)
    centre = np.array([states.profiles[states.known[:, g], g].mean() for g in range(V)])
    for cell in range(5):
        here = states.known[cell]
        levels = bank.levels(states.rows(np.array([cell])))
        for r in range(R):
            ends = {}
            for name, mask in (("late", times.late[r]), ("early", times.early[r])):
                cells = [[states.profiles[c, g] for c in np.flatnonzero(mask) if states.known[c, g]] for g in range(V)]
                ends[name] = np.array([np.mean(one) for one in cells])
            z = states.profiles[cell]
            plain = cosine(z[here], ends["late"][here]) - cosine(z[here], ends["early"][here])
            assert levels["signature"][0, r] == pytest.approx(plain, abs=1e-12)
            z, late, early = (one[here] - centre[here] for one in (z, ends["late"], ends["early"]))
            assert levels["signature_centred"][0, r] == pytest.approx(cosine(z, late) - cosine(z, early), abs=1e-12)


def test_markers_are_means_over_what_a_cell_knows():
    states, times = world(values=True)
    markers = Markers.drawn(np.array([1, 2, 3]), np.array([4, 5]), np.arange(V), V, R - 1, [1])
    assert (markers.late.sum(1) == 3).all()
    assert (markers.early.sum(1) == 2).all()
    assert not (markers.late & markers.early).any()
    assert markers.late[0].nonzero()[0].tolist() == [1, 2, 3]
    levels = fit_bank(states, times, ("marker",), markers, 10).levels(states.rows(np.array([2])))["marker"][0]
    for r in range(R):
        sides = [
            [states.profiles[2, g] for g in np.flatnonzero(own[r]) if states.known[2, g]]
            for own in vars(markers).values()
        ]
        assert levels[r] == pytest.approx(sum(sides[0]) / max(len(sides[0]), 1) - sum(sides[1]) / max(len(sides[1]), 1))


def test_shuffles_exchange_labels_within_donors_only():
    _, times = world(values=False)
    assert (times.early <= ~times.late).all()
    for donor in (0, 1):
        own = np.arange(N) % 2 == donor
        assert (np.sort(times.time[:, own], axis=1) == np.sort(times.time[0, own])).all()
    assert (times.time[1:] != times.time[0]).mean() > 0.8
    moved = [times.early[r, np.argsort(times.time[r])].tolist() for r in range(R)]
    assert all(one == moved[0] for one in moved)  # early goes with its pseudotime


def test_only_what_is_asked_for_is_learnt():
    states, times = world(values=False)
    bank = fit_bank(states, times, ("pseudotime",), None, 10)
    assert list(bank.levels(states.rows(np.array([0])))) == ["pseudotime"]
