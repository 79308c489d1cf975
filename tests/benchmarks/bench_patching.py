"""Features taken out and predictions read: copies of a cell side by side, against two whole passes for every pair.

The model has random weights; its autoencoder fires as a trained one does. The published procedure runs, for every
feature and cell, the whole model and the whole vocabulary head with and without the feature, and encodes the cell anew.
Here a cell runs once, copies go on from the layer, and the head runs at the positions that are read. Both give the same
changes of logits (``published numbers``); ``hidden genes`` is what step patching reads, with as many copies.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.published import Published
from tasks.causal.cost import row_flops
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import draw_rounds, hide
from tasks.interventions.readout import divergence, fit, predict
from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tasks.models.families.geneformer import GeneformerAdapter
from tasks.sae import Sae
from tasks.store.workers import in_parallel
from tests.benchmarks.machine import machine, machine_line, peak_gib, seconds
from tests.builders.published_cost import original_flops
from tests.builders.published_trace import dense_codes
from tests.builders.true_shape import PUBLISHED, SMALL, Shape, firing_sae, random_tokens, shaped_model

SHARE = 0.15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--features", type=int, default=8, help="features")
    parser.add_argument("--cells", type=int, default=4, help="cells")
    parser.add_argument("--slow-pairs", type=int, default=2, help="pairs of the published procedure")
    parser.add_argument("--layers", type=int, help="blocks of the model, if not all")


@dataclass(frozen=True)
class Bench:
    adapter: GeneformerAdapter
    sae: Sae
    cells: dict[int, Batch]
    patched: list[Patched]


@torch.inference_mode()
def build(shape: Shape, n_features: int, n_cells: int) -> Bench:
    adapter = shaped_model(shape)
    cells = {seed: Batch.of(random_tokens(adapter, shape.n_tokens, seed)) for seed in range(n_cells)}
    states = [run_blocks(adapter, adapter.embed(cell), 0, shape.source + 1)[0, 1:-1] for cell in cells.values()]
    sae = firing_sae(shape, shape.source, torch.cat(states))
    active = [dense_codes(sae, state) > 0 for state in states]
    counts = torch.stack([each.sum(0) for each in active])
    everywhere = (counts.min(0).values > 1).nonzero().flatten()
    order = everywhere[torch.argsort(counts.sum(0)[everywhere], stable=True)]
    patched = []
    for feature in sorted(int(part[len(part) // 2]) for part in torch.tensor_split(order, n_features)):
        at = 1 + active[0][:, feature].nonzero().flatten()
        own = tuple(cells[0].tokens[0, at[::2]].tolist())
        patched.append(Patched(feature, 0.0, frozenset(), own, 0, None, frozenset(), None))
    return Bench(adapter, sae, cells, patched)


@torch.inference_mode()
def published_pair(bench: Bench, cell: Batch, feature: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Active positions, and the change of the logits of the tokens there, by two whole passes."""
    model, sae, tokens = bench.adapter.model, bench.sae, cell.tokens[0]
    genes = bench.adapter.is_gene(tokens)
    model.set_attn_implementation("eager")
    clean = model(tokens[None], output_hidden_states=True)
    hidden = clean.hidden_states[sae.layer + 1][0]
    codes = dense_codes(sae, hidden[genes])
    without = codes.clone()
    without[:, feature] = 0
    changed = hidden.clone()
    changed[genes] += without @ sae.W_dec - codes @ sae.W_dec

    def swap(_module, _inputs, output):
        return (changed[None], *output[1:]) if isinstance(output, tuple) else changed[None]

    handle = model.bert.encoder.layer[sae.layer].register_forward_hook(swap)
    try:
        logits = model(tokens[None]).logits
    finally:
        handle.remove()
        model.set_attn_implementation("sdpa")
    at = genes.nonzero().flatten()[codes[:, feature] > 0]
    return at, (logits[0, at, tokens[at]] - clean.logits[0, at, tokens[at]]).double()


def as_published(bench: Bench) -> tuple[float, dict[tuple[int, int], float]]:
    """Seconds of all pairs here, and the summed changes by cell and feature."""
    rule = Published("published_geneformer", bench.adapter, TiledEncoder(bench.sae), bench.patched, 0)
    found: dict[tuple[int, int], float] = {}

    def one(at: int) -> None:
        for row in rule.sums(at, bench.cells[at]).to_dicts():
            found[at, row["feature"]] = row["target"] + row["other"]

    return _over_cells(bench, one), found


def hidden_genes(bench: Bench) -> float:
    """Seconds in which a copy for every feature is read at hidden genes, in every cell."""
    encoder, adapter = TiledEncoder(bench.sae), bench.adapter

    def one(at: int) -> None:
        genes = adapter.is_gene(bench.cells[at].tokens[0]).nonzero().flatten()
        hidden = hide(adapter, bench.cells[at], draw_rounds(genes, SHARE, 1, [0, at])[0])
        copies = Copies.of(adapter, bench.sae.layer, encoder, hidden.shown, hidden.genes)
        before, moved = predict(adapter, copies.final, hidden.shown, hidden.asked), []
        for each in bench.patched:
            change = Change(bench.sae.layer, each.feature, "scale", 0.0)
            moved.append(change.displacement(copies.sites, copies.genes, bench.sae.W_dec[each.feature]))
        for final in copies.finals(moved):  # also of a feature that is not active once genes are hidden
            after = predict(adapter, final, hidden.shown, hidden.asked)
            assert divergence(before, after) is not None
            fit(after, hidden.truth)

    return _over_cells(bench, one)


def _over_cells(bench: Bench, one: Callable[[int], None]) -> float:
    return seconds(lambda: list(in_parallel(one, bench.cells, torch.device("cpu"))))


@torch.inference_mode()
def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    shape = replace(PUBLISHED, source=11) if arguments.shape == "true" else SMALL
    shape = replace(shape, n_layers=arguments.layers or shape.n_layers)
    bench = build(shape, arguments.features, arguments.cells)
    took, found = as_published(bench)
    hidden = hidden_genes(bench)
    pairs = sorted(found)[:: max(1, len(found) // arguments.slow_pairs)][: arguments.slow_pairs]
    slow: dict[tuple[int, int], float] = {}

    def twin() -> None:
        for at, feature in pairs:
            slow[at, feature] = float(published_pair(bench, bench.cells[at], feature)[1].sum())

    slow_seconds = seconds(twin) / len(pairs)
    return {
        "machine": about,
        "shape": vars(shape),
        "pairs": len(found),
        "slow_seconds": slow_seconds,
        "slow_gflop": 2 * original_flops(bench.adapter.info, shape.n_tokens, shape.n_features, 1) / 1e9,
        "rows": [
            _row("published numbers", took, len(found), slow_seconds, _flops(bench, shape, 1.0 / 128)),
            _row("hidden genes", hidden, len(found), slow_seconds, _flops(bench, shape, SHARE)),
        ],
        "difference": max(abs(slow[pair] - found[pair]) for pair in pairs),
        "largest": max(abs(value) for value in slow.values()),
        "peak_gib": peak_gib(),
    }


def _row(name: str, took: float, n_pairs: int, slow_seconds: float, gflop: float) -> dict[str, Any]:
    each = took / n_pairs
    return {"reads": name, "seconds": each, "ratio": slow_seconds / each, "pair_gflop": gflop}


def _flops(bench: Bench, shape: Shape, share: float) -> float:
    """GFLOPs a pair: later blocks and the head at ``share`` of the positions; a cell's own pass over its features."""
    info, n = bench.adapter.info, shape.n_tokens
    block, later = n * row_flops(info, n), shape.n_layers - 1 - shape.source
    head = share * 2 * n * info.d_model * (info.d_model + info.vocab_size)
    return (later * block + head + (shape.n_layers * block + head) / len(bench.patched)) / 1e9


def table(figures: dict[str, Any]) -> str:
    shape = figures["shape"]
    lines = [machine_line(figures), f"{shape['n_layers']} blocks of width {shape['d_model']}, layer {shape['source']}"]
    lines[1] += f", {shape['n_tokens']:,} tokens, {figures['pairs']} pairs of feature and cell"
    lines += ["", f"{'reads':<20}{'s a pair':>10}{'published':>11}{'ratio':>8}{'GFLOP a pair':>14}{'published':>11}"]
    for row in figures["rows"]:
        lines.append(
            f"{row['reads']:<20}{row['seconds']:>10.3g}{figures['slow_seconds']:>11.3g}{row['ratio']:>7.2f}x"
            f"{row['pair_gflop']:>14.4g}{figures['slow_gflop']:>11.4g}"
        )
    lines += ["", f"largest difference {figures['difference']:.1e} of {figures['largest']:.2g}"]
    return "\n".join([*lines, f"at most {figures['peak_gib']:.1f} GiB"])
