"""Sites against a loop over features and positions."""

import torch

from tasks.causal.sites import Sites
from tasks.sae import SparseCodes


def test_sites_group_activations_by_feature():
    codes = SparseCodes(torch.tensor([[2.0, 1.0], [3.0, 0.0], [5.0, 4.0]]), torch.tensor([[7, 1], [1, 0], [7, 3]]))
    sites = Sites.of(codes, torch.tensor([1, 2, 4]))
    assert sites.features.tolist() == [1, 3, 7]  # 0 has no activation above zero
    found = {f: [part.tolist() for part in sites.at(i)] for i, f in enumerate(sites.features.tolist())}
    assert found == {1: [[1, 2], [1.0, 3.0]], 3: [[4], [4.0]], 7: [[1, 4], [2.0, 5.0]]}


def test_among_finds_the_rows_of_wanted_features():
    codes = SparseCodes(torch.tensor([[2.0, 1.0, 3.0]]), torch.tensor([[7, 1, 4]]))
    sites = Sites.of(codes, torch.tensor([5]))
    assert sites.among(torch.tensor([7, 2, 4])).tolist() == [1, 2]


def test_a_cell_without_an_active_feature_has_no_sites():
    sites = Sites.of(SparseCodes(torch.zeros(3, 2), torch.zeros(3, 2, dtype=torch.long)), torch.arange(3))
    assert sites.features.tolist() == []
    assert sites.offsets.tolist() == [0]
