"""Total effects in a decoder: only rows that a displacement can reach, against whole cells through all later blocks.

The model has the shape of MaxToki-217M and random weights; its autoencoders fire as trained ones do, at positions that
are spread evenly over the cell. Whole cells run with fused causal attention, a copy for every pair. Both sides use one
thread and one pair at a time, and are timed on features of few, usual and many active positions; FLOPs are counted for
these and, on average, for all features that are active in the cell.
"""

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from tasks.causal.cell import SourceState, source_state
from tasks.causal.change import mean_change
from tasks.causal.cost import decoder_flops, row_flops
from tasks.causal.decoder import DecoderCell, DecoderEngine, stretch
from tasks.causal.displacement import Displacement, Rows, scale_feature
from tasks.causal.later import Later
from tasks.causal.tiles import TiledEncoder
from tasks.models.adapter import ModelInfo
from tasks.models.batches import one_cell
from tasks.models.families.llama import LlamaAdapter
from tasks.sae import Sae
from tasks.vocabulary.vocabulary import Vocabulary
from tests.benchmarks.machine import machine, machine_line, peak_gib, seconds
from tests.builders.llama_files import decoder_cells, ensembl
from tests.builders.true_shape import Shape, firing_sae

MAXTOKI = Shape(11, 1232, 8, 2464, 20_271, 2048, 4928, 32, 3)
SMALL = Shape(4, 32, 4, 48, 300, 96, 96, 4, 1)
SHARES = (0.1, 0.5, 0.9)  # of the features, by active positions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--tokens", type=int, help="tokens of the cell: 2,048, or 96 of the small shape")


@torch.inference_mode()
def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    about, threads = machine(), torch.get_num_threads()
    shape = MAXTOKI if arguments.shape == "true" else SMALL
    shape = replace(shape, n_tokens=arguments.tokens or shape.n_tokens)
    torch.set_num_threads(1)
    try:
        adapter = shaped_decoder(shape)
        state, source, targets = build(adapter, shape)
        cell = DecoderEngine(Later(adapter, shape.source, targets)).prepare(state)
        order = torch.argsort(state.sites.offsets.diff(), stable=True)
        chosen = [int(order[int(share * (len(order) - 1))]) for share in SHARES]
        items = [scale_feature(*state.sites.at(at), source.W_dec[state.sites.features[at]], 0.0) for at in chosen]
        cell.measure(items[:1])  # warm
        rows = [_row(adapter.info, shape, cell, item) for item in items]
    finally:
        torch.set_num_threads(threads)
    return {
        "machine": {**about, "threads": 1},
        "shape": vars(shape),
        "features": len(order),
        "all": _all(adapter.info, shape, len(targets), state),
        "rows": rows,
        "peak_gib": peak_gib(),
    }


def shaped_decoder(shape: Shape) -> LlamaAdapter:
    """A decoder with random weights."""
    genes = ensembl(shape.n_genes)
    tokens = {"<pad>": 0, "<bos>": 2, "<eos>": 3, **{gene: i for i, gene in enumerate(genes, start=4)}}
    vocabulary = Vocabulary.from_dictionaries(tokens, {}, shape.n_tokens)
    config = LlamaConfig(
        vocab_size=vocabulary.size,
        hidden_size=shape.d_model,
        intermediate_size=shape.d_ff,
        num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads,
        max_position_embeddings=shape.n_tokens,
        initializer_range=shape.d_model**-0.5,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(config).eval().requires_grad_(False)
    sizes = (shape.n_layers, shape.d_model, shape.n_heads, shape.d_ff, vocabulary.size, shape.n_tokens)
    n_parameters = sum(weight.numel() for weight in model.parameters())
    info = ModelInfo("random", "llama", "random", True, *sizes, n_parameters, "", shape.n_heads, True)
    return LlamaAdapter(model, vocabulary, info, "next")


def build(adapter: LlamaAdapter, shape: Shape) -> tuple[SourceState, Sae, dict[int, Sae]]:
    """A cell up to the source layer, the autoencoder there, and those of all later layers."""
    cell = one_cell(decoder_cells(adapter.vocabulary, [shape.n_tokens]), 0)
    states = list(adapter.blocks(adapter.embed(cell), 0, shape.n_layers))
    saes = {layer: firing_sae(shape, layer, states[layer][0]) for layer in range(shape.source, shape.n_layers)}
    source = saes.pop(shape.source)
    return source_state(adapter, shape.source, TiledEncoder(source), 0, cell), source, saes


def whole(cell: DecoderCell, displaced: Displacement) -> dict[int, Tensor]:
    """The same effects [1, F] from a copy of the whole cell."""
    later, clean, effects = cell.later, cell.state.hidden, {}
    rows, hidden = Rows.of([displaced], clean), clean.clone()
    hidden[rows.positions] += rows.values
    for layer, output in later.states(hidden[None], later.layers[0], later.layers[-1] + 1):
        found = later.encode(layer, output[0, rows.positions])
        effects[layer] = mean_change(found, cell.codes[layer], rows, later.targets[layer].n_features)
    return effects


def _row(info: ModelInfo, shape: Shape, cell: DecoderCell, item: Displacement) -> dict[str, Any]:
    effects: dict[str, dict[int, Tensor]] = {}
    took = seconds(lambda: effects.update(ours=cell.measure([item])))
    slow = seconds(lambda: effects.update(whole=whole(cell, item)))
    deepest = cell.later.layers[-1]
    return {
        **_counted(info, shape, len(cell.later.targets), item.positions),
        "seconds": took,
        "whole_seconds": slow,
        "ratio": slow / took,
        "difference": float((effects["ours"][deepest] - effects["whole"][deepest]).abs().max()),
        "largest": float(effects["whole"][deepest].abs().max()),
    }


def _counted(info: ModelInfo, shape: Shape, n_blocks: int, positions: Tensor) -> dict[str, Any]:
    """Rows and GFLOPs of a pair."""
    first, stop = stretch(positions, positions)
    n, n_features = len(positions), n_blocks * shape.n_features
    ours = decoder_flops(info, shape.n_tokens, stop - first, n_blocks, n_features, n)
    slow = n_blocks * shape.n_tokens * row_flops(info, shape.n_tokens) + n * 2 * info.d_model * n_features
    return {"positions": n, "rows": stop - first, "gflop": ours / 1e9, "whole_gflop": slow / 1e9}


def _all(info: ModelInfo, shape: Shape, n_blocks: int, state: SourceState) -> dict[str, float]:
    """Means over all features that are active in the cell."""
    found = [_counted(info, shape, n_blocks, state.sites.at(at)[0]) for at in range(len(state.sites.features))]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def table(figures: dict[str, Any]) -> str:
    shape, every = figures["shape"], figures["all"]
    lines = [machine_line(figures), f"{shape['n_layers']} blocks of width {shape['d_model']}, layer {shape['source']}"]
    lines[1] += f" to all later ones, {shape['n_tokens']:,} tokens"
    columns = ("positions", "rows", "GFLOP", "whole", "ratio", "seconds", "whole", "ratio")
    lines += ["", "".join(f"{name:>10}" for name in columns)]
    for row in figures["rows"]:
        counted = (row["positions"], row["rows"], row["gflop"], row["whole_gflop"], row["whole_gflop"] / row["gflop"])
        timed = (row["seconds"], row["whole_seconds"], row["ratio"])
        lines.append("".join(f"{value:>10.4g}" for value in (*counted, *timed)))
    lines += [
        "",
        f"all {figures['features']:,} active features: {every['positions']:.1f} positions, {every['rows']:.0f}",
    ]
    lines[-1] += f" rows on average, {every['whole_gflop'] / every['gflop']:.2f} times fewer FLOPs"
    apart = max(row["difference"] for row in figures["rows"])
    lines += [f"largest difference {apart:.1e} of {max(row['largest'] for row in figures['rows']):.2g}"]
    return "\n".join([*lines, f"at most {figures['peak_gib']:.1f} GiB"])
