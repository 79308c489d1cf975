"""Features turned up and the cell read: copies of a cell side by side, against whole passes with a head at every gene.

The model has random weights; its autoencoder fires as a trained one does. The obvious way runs, for every feature,
multiplier and cell, the whole model with a hook that scales the feature, and the vocabulary head at every gene, and
takes means. Here a cell runs once, copies go on from the layer, and the head's last map, which is linear, runs once on
the mean of its input. At the last layer no block is left: a pass is the closed form of its read-outs. Both ways give
the same mean logits and embeddings.
"""

import argparse
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tasks.causal.cost import row_flops
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.copies import Copies
from tasks.interventions.readout import embedding
from tasks.interventions.states import profile
from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tasks.models.families.geneformer import GeneformerAdapter
from tasks.sae import Sae
from tests.benchmarks.machine import machine, machine_line, peak_gib, seconds
from tests.builders.published_trace import dense_codes
from tests.builders.true_shape import PUBLISHED, SMALL, Shape, firing_sae, random_tokens, shaped_model

MULTIPLIERS = (2.0, 5.0)
Read = dict[tuple[int, float], tuple[Tensor, Tensor]]  # by feature and multiplier: mean logits [V] and embedding [d]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--features", type=int, default=6, help="features, each at two multipliers")
    parser.add_argument("--slow-passes", type=int, default=2, help="passes of the obvious way")
    parser.add_argument("--layers", type=int, help="blocks of the model, if not all")


def choose_features(sae: Sae, states: Tensor, n: int) -> list[int]:
    """Features of all degrees of loudness among those that are active in states [S, d] of a cell."""
    counts = (dense_codes(sae, states) > 0).sum(0)
    order = torch.argsort(counts, stable=True)
    active = order[counts[order] > 1]
    return sorted(int(part[len(part) // 2]) for part in torch.tensor_split(active, n))


@torch.inference_mode()
def copied(adapter: GeneformerAdapter, sae: Sae, cell: Batch, features: list[int], *, every_head: bool = False) -> Read:
    """As step steering does it; with ``every_head`` the whole head runs at every gene."""
    copies = Copies.of(adapter, sae.layer, TiledEncoder(sae), cell)
    keys = [(feature, multiplier) for feature in features for multiplier in MULTIPLIERS]
    changes = [Change(sae.layer, feature, "scale", multiplier) for feature, multiplier in keys]
    moved = [one.displacement(copies.sites, copies.genes, sae.W_dec[one.feature]) for one in changes]
    found: Read = {}
    for key, final in zip(keys, copies.finals(moved), strict=True):
        if every_head:
            logits = adapter.predict(final[copies.genes]).double().mean(0)
        else:
            logits = torch.from_numpy(profile(adapter, final, cell)[0])
        found[key] = logits, embedding(adapter, final, cell).double()
    return found


@torch.inference_mode()
def whole_pass(
    adapter: GeneformerAdapter, sae: Sae, cell: Batch, feature: int, multiplier: float
) -> tuple[Tensor, Tensor]:
    """The obvious way: the layer's output replaced by a hook in a pass of the whole model, the head at every gene."""
    model, genes = adapter.model, adapter.is_gene(cell.tokens[0])

    def scaled(_module: Any, _inputs: Any, output: Any) -> Any:
        hidden = (output[0] if isinstance(output, tuple) else output).clone()
        codes = dense_codes(sae, hidden[0, genes])[:, feature]
        hidden[0, genes] += (multiplier - 1) * codes[:, None] * sae.W_dec[feature]
        return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

    handle = model.bert.encoder.layer[sae.layer].register_forward_hook(scaled)
    try:
        found = model(cell.tokens, output_hidden_states=True)
    finally:
        handle.remove()
    final = found.hidden_states[-1]
    return found.logits[0, genes].double().mean(0), adapter.embed_cells(final, cell)[0].double()


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about = machine()
    shape = PUBLISHED if arguments.shape == "true" else SMALL
    shape = replace(shape, n_layers=arguments.layers or shape.n_layers)
    adapter = shaped_model(shape)
    cell = Batch.of(random_tokens(adapter, shape.n_tokens))
    layers = {"source layer": shape.source, "last layer": shape.n_layers - 1}
    return {
        "machine": about,
        "shape": vars(shape),
        "passes": len(MULTIPLIERS) * arguments.features,
        "rows": [_row(name, adapter, shape, layer, cell, arguments) for name, layer in layers.items()],
        "peak_gib": peak_gib(),
    }


def _row(
    name: str, adapter: GeneformerAdapter, shape: Shape, layer: int, cell: Batch, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Seconds and FLOPs of a pass at one layer, our way, without the mean of the head's input, and the obvious way."""
    with torch.inference_mode():
        states = run_blocks(adapter, adapter.embed(cell), 0, layer + 1)[0, 1:-1]
        sae = firing_sae(replace(shape, source=layer), layer, states)
    features = choose_features(sae, states, arguments.features)
    found: Read = {}
    took = seconds(lambda: found.update(copied(adapter, sae, cell, features)))
    whole_head = seconds(lambda: copied(adapter, sae, cell, features, every_head=True))
    keys = sorted(found)[:: max(1, len(found) // arguments.slow_passes)][: arguments.slow_passes]
    slow: Read = {}
    slow_seconds = seconds(lambda: slow.update({key: whole_pass(adapter, sae, cell, *key) for key in keys}))
    apart = [max(float((a - b).abs().max()) for a, b in zip(found[key], slow[key], strict=True)) for key in keys]
    return {
        "name": name,
        "layer": layer,
        "seconds": took / len(found),
        "whole_head_seconds": whole_head / len(found),
        "slow_seconds": slow_seconds / len(keys),
        "difference": max(apart),
        "largest": max(float(slow[key][0].abs().max()) for key in keys),
        **_flops(adapter, shape, layer, len(found)),
    }


def _flops(adapter: GeneformerAdapter, shape: Shape, layer: int, n_passes: int) -> dict[str, float]:
    """GFLOP a pass, a cell's own pass shared by its ``n_passes``; what either shortcut leaves out."""
    info, n = adapter.info, shape.n_tokens
    block, later = n * row_flops(info, n), shape.n_layers - 1 - layer
    transform, vocabulary = 2 * info.d_model**2, 2 * info.d_model * info.vocab_size
    head, mean_head = n * (transform + vocabulary), n * transform + vocabulary
    encode = 2 * n * info.d_model * shape.n_features
    own = (shape.n_layers * block + encode + mean_head) / n_passes
    slow = shape.n_layers * block + encode + head
    ours = later * block + mean_head + own
    return {
        "gflop": ours / 1e9,
        "slow_gflop": slow / 1e9,
        "saved_by_copies": (slow - ours - head + mean_head) / slow,
        "saved_by_mean": (head - mean_head) / slow,
    }


def table(figures: dict[str, Any]) -> str:
    shape = figures["shape"]
    lines = [
        machine_line(figures),
        f"{shape['n_layers']} blocks of width {shape['d_model']}, {shape['n_tokens']:,} tokens",
    ]
    lines[1] += f", {figures['passes']} passes of one cell at each layer"
    heads = {"s a pass": 9, "whole head": 11, "obvious": 9, "ratio": 8, "GFLOP": 8, "obvious ": 9, "ratio ": 8}
    lines += ["", f"{'steered at':<16}" + "".join(f"{name.strip():>{width}}" for name, width in heads.items())]
    for row in figures["rows"]:
        lines.append(
            f"{row['name']:<16}{row['seconds']:>9.3g}{row['whole_head_seconds']:>11.3g}{row['slow_seconds']:>9.3g}"
            f"{row['slow_seconds'] / row['seconds']:>7.1f}x{row['gflop']:>8.4g}{row['slow_gflop']:>9.4g}"
            f"{row['slow_gflop'] / row['gflop']:>7.1f}x"
        )
    lines.append("")
    for row in figures["rows"]:
        lines.append(
            f"{row['name']} ({row['layer']}): copies leave out {row['saved_by_copies']:.0%} of the obvious FLOPs, the "
            f"mean before the vocabulary {row['saved_by_mean']:.0%}; largest difference {row['difference']:.1e} of "
            f"{row['largest']:.2g}"
        )
    return "\n".join([*lines, f"at most {figures['peak_gib']:.1f} GiB"])
