import pytest
import torch
from torch.nn.functional import normalize

from tasks.compare.overlap import highest_cosines, overlaps


def directions(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_highest_cosines_equal_a_plain_double_loop() -> None:
    one, other = directions(1030, 6, 0), directions(40, 6, 1)
    slow = [max(float(torch.cosine_similarity(a, b, dim=0)) for b in other) for a in one[::103]]
    torch.testing.assert_close(highest_cosines(one, other)[::103], torch.tensor(slow), rtol=0, atol=1e-6)


def test_shared_directions_are_counted_from_either_side() -> None:
    shared, own = torch.eye(8)[:5], torch.eye(8)[5:]
    frame = overlaps({"a": torch.cat([2 * shared, own]), "b": shared}, seed=0)
    rows = {(row["sae_id"], row["other_sae"]): row for row in frame.iter_rows(named=True)}
    assert rows["a", "b"]["n_living"] == 8
    assert rows["a", "b"]["matched_fraction"] == pytest.approx(5 / 8)
    assert rows["a", "b"]["mean_cosine"] == pytest.approx(5 / 8)
    assert rows["b", "a"]["matched_fraction"] == 1
    assert rows["b", "a"]["mean_cosine"] == pytest.approx(1)


def test_random_dictionaries_share_what_chance_gives() -> None:
    row = overlaps({"a": directions(200, 16, 0), "b": directions(300, 16, 1)}, seed=2).row(0, named=True)
    assert row["mean_cosine"] == pytest.approx(row["chance_cosine"], abs=0.02)
    exact = (normalize(directions(200, 16, 0), dim=1) @ normalize(directions(300, 16, 1), dim=1).T).amax(1).mean()
    assert row["mean_cosine"] == pytest.approx(float(exact), abs=1e-6)


def test_an_autoencoder_without_living_features_has_no_row() -> None:
    assert overlaps({"a": directions(3, 4, 0), "b": directions(0, 4, 0)}, seed=0).is_empty()
