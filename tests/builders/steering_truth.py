"""Steering with a known answer: which features move cells, by how much, and what is called under meaningless times.

1. ``World``: cells of a planted trajectory in a tiny random model, in three parts (choose, fit, steer), with the states
   of every cell and of every cell of the last part with each feature turned up, computed once.
2. ``judge``: the step's own panel, read-outs and p for any pseudotimes of these cells.
"""

from dataclasses import dataclass

import numpy as np
import torch

from tasks.analyses.steering.panel import Chosen, choose_panel
from tasks.analyses.steering.step import SteeringSettings
from tasks.causal.tiles import TiledEncoder
from tasks.cells.reader import TokenizedCells
from tasks.interventions.bank import Times, fit_bank
from tasks.interventions.change import Change, activity
from tasks.interventions.copies import Copies
from tasks.interventions.shuffled import UNCENTRED, shuffled_p
from tasks.interventions.states import States, clean_states, read_states
from tasks.models import Adapter, load_adapter
from tasks.models.adapter import run_blocks
from tasks.models.batches import one_cell
from tasks.sae import Sae
from tasks.statistics.fdr import benjamini_hochberg
from tests.builders.models import tiny_geneformer
from tests.builders.planted_trajectory import trajectory_cells

READOUTS = ("signature", "signature_centred", "probability", "pseudotime")
LAYER, MULTIPLIER, TAIL, N_AXES = 1, 3.0, 1 / 3, 50


@dataclass(frozen=True)
class World:
    """``time`` [n]; ``part`` [n]: 0 chooses, 1 fits, 2 is steered; ``activity`` [n, F]; ``clean`` states of all cells.

    ``moved[cell]``: features that are active in that cell of part 2, and its states with each of them turned up.
    """

    time: np.ndarray
    part: np.ndarray
    activity: np.ndarray
    clean: States
    moved: dict[int, tuple[list[int], States]]


def tiny_adapter(root, seed: int = 0) -> Adapter:
    """A random Geneformer of three layers."""
    return load_adapter(tiny_geneformer(root / f"tiny-{seed}", seed=seed))


def cells_of(adapter: Adapter, n_cells: int, seed: int) -> tuple[np.ndarray, TokenizedCells]:
    """Planted times, and their cells."""
    time = np.random.default_rng([seed, 0]).uniform(size=n_cells)
    return time, trajectory_cells(adapter.vocabulary, time, 16, seed)


def build(adapter: Adapter, sae: Sae, n_cells: int, seed: int) -> World:
    """A third of the cells for each part."""
    time, cells = cells_of(adapter, n_cells, seed)
    encoder, moved = TiledEncoder(sae), {}
    level = np.zeros((n_cells, sae.n_features))
    part = np.arange(n_cells) % 3
    for row in range(n_cells):
        copies = Copies.of(adapter, LAYER, encoder, one_cell(cells, row))
        features = copies.sites.features.tolist()
        for feature in features:
            level[row, feature] = float(activity(copies.sites, feature)[1].sum()) / len(copies.genes)
        if part[row] == 2:
            changes = [Change(LAYER, one, "scale", MULTIPLIER) for one in features]
            each = [one.displacement(copies.sites, copies.genes, sae.W_dec[one.feature]) for one in changes]
            moved[row] = features, read_states(adapter, list(copies.finals(each)), copies.cell)
    return World(time, part, level, clean_states(adapter, cells, np.arange(n_cells)), moved)


def stages(time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Early and late cells."""
    low, high = np.quantile(time, [TAIL, 1 - TAIL])
    return time <= low, time >= high


def panel_of(world: World, time: np.ndarray, choosing: np.ndarray, **changes) -> list[Chosen]:
    """The step's panel, chosen on the cells of a mask."""
    settings = SteeringSettings(wanted=True, pseudotime="t", min_d=0.0, **changes)
    early, late = stages(time)
    return choose_panel(settings, LAYER, world.activity[choosing], early[choosing], late[choosing])


def judge(world: World, time: np.ndarray, features: list[int], n_shuffles: int, seed: int) -> dict[str, np.ndarray]:
    """By read-out, p of ``features`` [c] and their mean values, with these pseudotimes [n]: [2, c]."""
    fit, (early, late) = world.part == 1, stages(time)
    labels = Times.shuffled(time[fit], early[fit], late[fit], np.zeros(fit.sum(), np.int64), n_shuffles, [seed, 7])
    bank = fit_bank(world.clean.rows(fit), labels, READOUTS, None, N_AXES)
    total = {name: np.zeros((len(features), n_shuffles + 1)) for name in READOUTS}
    count = np.zeros(len(features))
    for row, (active, states) in world.moved.items():
        own = [(place, active.index(one)) for place, one in enumerate(features) if early[row] and one in active]
        if own:
            places, rows = map(np.array, zip(*own, strict=True))
            count[places] += 1
            before, after = bank.levels(world.clean.rows(np.array([row]))), bank.levels(states.rows(rows))
            for name in READOUTS:
                total[name][places] += after[name] - before[name]
    found = {}
    for name in READOUTS:
        means = total[name] / np.maximum(count, 1)[:, None]
        p = [shuffled_p(mean) if n else 1.0 for mean, n in zip(means, count, strict=True)]
        found[name] = np.array([p, means[:, 0]])
    return found


def called(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """By read-out that is tested, which features have q at most 0.05, corrected over all of them."""
    tested = [name for name in found if name != UNCENTRED]
    q = benjamini_hochberg(np.stack([found[name][0] for name in tested]))
    return {name: own <= 0.05 for name, own in zip(tested, q, strict=True)}


def along(adapter: Adapter, n_cells: int, seed: int) -> torch.Tensor:
    """Directions [2, d] that, added at every gene, move embeddings or predictions most along planted time.

    The gradients of e.dE/dt and of z.dZ/dt, e and z the embedding and the mean logits, over some of the cells.
    """
    time, cells = cells_of(adapter, n_cells, seed)
    states, centred = clean_states(adapter, cells, np.arange(n_cells)), time - time.mean()
    ends = [torch.from_numpy(centred @ one).float() for one in (states.embeddings, states.profiles)]
    total = torch.zeros(2, adapter.info.d_model)
    for row in range(0, n_cells, 4):
        cell = one_cell(cells, row)
        gene = adapter.is_gene(cell.tokens)
        hidden = run_blocks(adapter, adapter.embed(cell), 0, LAYER + 1).detach()
        for place, end in enumerate(ends):
            push = torch.zeros(adapter.info.d_model, requires_grad=True)
            final = run_blocks(adapter, hidden + push * gene[..., None], LAYER + 1, adapter.info.n_layers)
            read = adapter.predict(final[gene]).mean(0) if place else adapter.embed_cells(final, cell)[0]
            (read @ end).backward()
            total[place] += push.grad
    return total / total.norm(dim=1, keepdim=True)
