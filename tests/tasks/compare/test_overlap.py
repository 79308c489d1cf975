import pytest
import torch
from torch.nn.functional import normalize

from tasks.compare.overlap import highest_cosines, overlaps, twins


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


def test_twins_are_those_of_a_plain_double_loop() -> None:
    living = {"own": directions(30, 6, 0), "one": directions(20, 6, 1), "none": directions(0, 6, 2)}
    numbers = {"own": torch.arange(30) * 2, "one": torch.arange(20) + 5, "none": torch.arange(0)}
    frame = twins("own", numbers, living, seed=3)
    table = [[float(torch.cosine_similarity(a, b, dim=0)) for b in living["one"]] for a in living["own"]]
    assert frame["other_sae"].unique().to_list() == ["one"]
    for place, row in enumerate(frame.iter_rows(named=True)):
        best = max(range(20), key=table[place].__getitem__)
        back = max(range(30), key=lambda other, best=best: table[other][best])
        assert (row["feature"], row["other_feature"], row["mutual"]) == (2 * place, best + 5, back == place)
        assert row["cosine"] == pytest.approx(table[place][best], abs=1e-6)
    chance = overlaps({"a": living["own"], "b": living["one"]}, seed=3)["chance_cosine"][0]
    assert frame["chance_cosine"].mean() == pytest.approx(chance, abs=1e-6)  # drawn first there as well


def test_turned_directions_are_found_again_in_the_other_dictionary() -> None:
    own = directions(40, 8, 0)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    other = 3 * (own + 0.01 * directions(40, 8, 2))[order]
    frame = twins("a", dict.fromkeys(("a", "b"), torch.arange(40)), {"a": own, "b": other}, seed=0)
    assert order[torch.from_numpy(frame["other_feature"].to_numpy().copy()).long()].tolist() == list(range(40))
    assert frame["mutual"].all()
