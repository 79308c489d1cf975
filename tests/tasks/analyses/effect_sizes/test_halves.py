"""Two halves of the cells: loops give the same numbers; planted edges repeat, noise and generic targets do not."""

import numpy as np
import pytest
import torch

from tasks.analyses.effect_sizes.agreement import Compared
from tasks.analyses.effect_sizes.halves import (
    CAPPED,
    TESTED,
    Bar,
    Targets,
    both_halves,
    capped,
    split_cells,
    within,
)
from tasks.causal.effects import BlockEffects, Pairs
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import flip_rules
from tasks.trace.units import Units

RULES = flip_rules(TraceSettings())
BAR = Bar.of(RULES, {})
SIZES = {1: 30, 2: 50}
TARGETS = Targets(SIZES)


def block(seed: int, kind: str, n_sources: int = 6, n_cells: int = 40) -> BlockEffects:
    """Effects of sources in all cells. ``kind``: nothing (a sign of its own in every cell), own, or generic targets."""
    rng = np.random.default_rng(seed)
    shape = (n_sources, n_cells, 80)
    noise = rng.normal(size=shape)
    some = {"own": rng.random((n_sources, 1, 80)) < 0.3, "generic": rng.random((1, 1, 80)) < 0.3}
    values = (noise if kind == "nothing" else noise + 2 * some[kind]).reshape(-1, 80)
    feature = torch.repeat_interleave(torch.arange(n_sources), n_cells)
    cell = torch.arange(n_cells).repeat(n_sources) * 10
    effects = torch.from_numpy(values).float()
    pairs = Pairs(feature, cell, torch.full_like(feature, -1))
    return BlockEffects(pairs, {1: effects[:, :30], 2: effects[:, 30:]})


def compare(found: BlockEffects, seed: int = 0) -> Compared:
    compared = Compared()
    cells = sorted(set(found.pairs.cell.tolist()))
    compared.add(*both_halves(found, None, split_cells(cells, None, [seed]), BAR, TARGETS, None), TARGETS)
    return compared


def test_halves_share_no_cell_and_no_unit():
    first, second = split_cells(list(range(21)), None, [0])
    assert sorted([*first.tolist(), *second.tolist()]) == list(range(21))
    assert len(first) == 10
    units = Units("donor", {cell: f"d{cell % 5}" for cell in range(21)}, 2)
    first, second = split_cells(list(range(21)), units, [0])
    assert not {cell % 5 for cell in first.tolist()} & {cell % 5 for cell in second.tolist()}


def test_agreement_is_what_a_loop_over_targets_finds():
    found, halves = block(3, "own"), split_cells([10 * cell for cell in range(40)], None, [0])
    row = compare(found).row("calibrated", 2)
    first, second = both_halves(found, None, halves, BAR, TARGETS, None)
    x, y, both, either, agree, edges = [], [], 0, 0, 0, 0
    for source in range(6):
        for target in range(30, 80):
            sides = [
                within(found, cells).values[2][within(found, cells).pairs.of_feature(source), target - 30].double()
                for cells in halves
            ]
            g = [float(s.mean() / s.std() * (1 - 3 / (4 * len(s) - 5))) for s in sides]
            share = [max(int((s > 0).sum()), int((s < 0).sum())) / len(s) for s in sides]
            called = [abs(size) > 0.5 and same > 0.7 for size, same in zip(g, share, strict=True)]
            edges += called[0]
            both, either = both + all(called), either + any(called)
            agree += all(called) and g[0] * g[1] > 0
            if any(called):
                x, y = [*x, g[0]], [*y, g[1]]
    assert (row["n_first"], row["n_both"]) == (edges, both)
    assert row["jaccard"] == pytest.approx(both / either)
    assert row["sign_agreement"] == pytest.approx(agree / both)
    assert row["r"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-5)
    assert first.edges[TESTED].all()
    assert second.turned().g[1].tolist() == second.g[0].tolist()


def rates(kind: str, seeds) -> dict[str, np.ndarray]:
    """Mean columns over blocks: of calibrated edges, and r over all tested pairs."""
    rows = [
        (compare(block(seed, kind)).row("calibrated", 2), compare(block(seed, kind)).row(TESTED, 2)) for seed in seeds
    ]
    columns = {name: [one[name] or 0.0 for one, _ in rows] for name in ("jaccard", "jaccard_chance", "sign_agreement")}
    columns |= {name: [all_of[name] for _, all_of in rows] for name in ("r", "r_chance")}
    return {name: np.array(values) for name, values in columns.items()}


def test_noise_repeats_no_more_than_chance():
    found = rates("nothing", range(20))
    excess = found["jaccard"] - found["jaccard_chance"]
    assert abs(excess.mean()) < 3 * excess.std() / 20**0.5 + 0.005
    assert abs(found["r"].mean()) < 0.03


def test_edges_of_a_source_repeat_where_those_of_another_do_not():
    found = rates("own", range(5))
    assert found["jaccard"].mean() > 0.85
    assert found["jaccard_chance"].mean() < 0.3
    assert found["sign_agreement"].min() == 1
    assert found["r"].mean() > 0.6
    assert abs(found["r_chance"].mean()) < 0.1


def test_targets_that_answer_anything_repeat_no_more_than_chance():
    found = rates("generic", range(5))
    assert found["jaccard"].mean() > 0.85
    assert (found["jaccard"] - found["jaccard_chance"]).mean() < 0.03
    assert (found["r"] - found["r_chance"]).mean() < 0.03


def test_the_cap_keeps_the_largest_of_every_layer():
    size, layers = np.array([5.0, 1, 3, 2, 9, 4]), np.array([1, 1, 1, 1, 2, 2])
    passes = np.array([True, True, True, True, True, False])
    assert np.flatnonzero(capped(passes, size, layers, 2)).tolist() == [0, 2, 4]
    assert capped(passes, np.ones(6), layers, 1).tolist() == [True, False, False, False, True, False]
    assert CAPPED in BAR.names


def test_a_source_of_one_cell_is_left_out_and_nothing_to_compare_is_no_error():
    found = block(0, "own", n_sources=1, n_cells=2)
    compared = compare(found)
    assert compared.n_sources == 0
    row = compared.row("calibrated", 1)
    assert [row[name] for name in ("n_first", "jaccard", "r", "jaccard_chance")] == [0, None, None, None]
