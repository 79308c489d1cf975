"""The order of features in a graph: crossings against a loop, and fewer of them than before."""

import itertools

import numpy as np
import pytest

from dashboards.graph_order import Link, crossings, ordered

Heights = list[float]


def slow_crossings(layers: list[int], heights: Heights, links: list[Link]) -> int:
    """Pairs of straight lines that meet strictly between the ends they have in common."""

    def at(link: Link, x: float) -> float:
        a, b, _ = link
        return heights[a] + (heights[b] - heights[a]) * (x - layers[a]) / (layers[b] - layers[a])

    n = 0
    for one, other in itertools.combinations(links, 2):
        start, end = max(layers[one[0]], layers[other[0]]), min(layers[one[1]], layers[other[1]])
        if start < end:
            n += (at(one, start) - at(other, start)) * (at(one, end) - at(other, end)) < -1e-9
    return n


def random_graph(seed: int, n: int = 18, n_links: int = 30) -> tuple[list[int], list[Link]]:
    rng = np.random.default_rng(seed)
    layers = sorted(rng.integers(0, 4, n).tolist())
    pairs = [(a, b) for a, b in itertools.combinations(range(n), 2) if layers[a] < layers[b]]
    chosen = rng.choice(len(pairs), min(n_links, len(pairs)), replace=False)
    return layers, [(*pairs[i], float(rng.uniform(0.1, 2))) for i in chosen]


def first_heights(layers: list[int]) -> Heights:
    count = {layer: layers.count(layer) for layer in layers}
    return [layers[:i].count(layer) - (count[layer] - 1) / 2 for i, layer in enumerate(layers)]


@pytest.mark.parametrize("seed", range(20))
def test_crossings_are_those_of_a_loop_and_never_become_more(seed: int) -> None:
    layers, links = random_graph(seed)
    before, after = first_heights(layers), ordered(layers, links)
    for heights in (before, after):
        assert crossings(layers, np.array(heights), links) == slow_crossings(layers, heights, links)
    assert slow_crossings(layers, after, links) <= slow_crossings(layers, before, links)
    for layer in set(layers):
        own = sorted(height for height, one in zip(after, layers, strict=True) if one == layer)
        assert own == [place - (len(own) - 1) / 2 for place in range(len(own))]


def test_many_crossings_go_and_a_shuffled_ladder_is_untangled() -> None:
    graphs = [random_graph(seed) for seed in range(20)]
    before = sum(slow_crossings(layers, first_heights(layers), links) for layers, links in graphs)
    after = sum(slow_crossings(layers, ordered(layers, links), links) for layers, links in graphs)
    assert after < 0.6 * before
    shuffled = np.random.default_rng(0).permutation(8).tolist()
    ladder = [(i, 8 + shuffled[i], 1.0) for i in range(8)] + [(8 + shuffled[i], 16 + i, 1.0) for i in range(8)]
    layers = [0] * 8 + [1] * 8 + [2] * 8
    assert slow_crossings(layers, first_heights(layers), ladder) > 0
    assert slow_crossings(layers, ordered(layers, ladder), ladder) == 0


def test_nothing_to_order_is_no_error() -> None:
    assert ordered([3], []) == [0.0]
    assert ordered([0, 1], [(0, 1, 0.0)]) == [0.0, 0.0]
