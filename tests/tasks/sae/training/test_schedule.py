import torch

from tasks.sae.settings import SaeSettings
from tasks.sae.training.schedule import Patience, batches, rate_factor


def test_every_pass_visits_every_row_once() -> None:
    rows = torch.arange(100, 110)
    drawn = torch.cat(list(batches(rows, SaeSettings(steps=5, batch=4, warmup=0, decay=0), 0)))
    assert len(drawn) == 20
    assert all(torch.equal(part.sort().values, rows) for part in drawn.split(10))
    assert not torch.equal(drawn[:10], drawn[10:])


def test_a_batch_larger_than_the_rows_spans_passes() -> None:
    (batch,) = batches(torch.arange(3), SaeSettings(steps=1, batch=7, warmup=0, decay=0), 0)
    assert torch.bincount(batch).tolist() in ([3, 2, 2], [2, 3, 2], [2, 2, 3])


def test_learning_rate_rises_stays_and_falls() -> None:
    settings = SaeSettings(steps=10, warmup=4, decay=2)
    assert [rate_factor(step, settings, 10) for step in range(1, 11)] == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 0.5]
    flat = SaeSettings(steps=3, warmup=0, decay=0)
    assert [rate_factor(step, flat, 3) for step in (1, 2, 3)] == [1, 1, 1]


def test_learning_rate_falls_to_an_earlier_end() -> None:
    settings = SaeSettings(steps=10, warmup=0, decay=2)
    assert [rate_factor(step, settings, 5) for step in range(1, 6)] == [1, 1, 1, 1, 0.5]


def test_patience_counts_points_without_a_gain_in_either_figure() -> None:
    patience = Patience()
    curve = [(0.5, 9.0), (0.49, 9.0), (0.4899, 9.0), (0.6, 8.0), (0.6, 8.0), (0.6, 8.1)]
    spent = [patience.spent({"fvu": fvu, "l0": l0}, 2) for fvu, l0 in curve]
    assert spent == [False, False, False, False, False, True]
