"""Total effects in a decoder: only rows that a displacement can reach, against whole cells through all later blocks.

The model has the shape of MaxToki-217M and random weights; its autoencoders fire as trained ones do, at positions that
are spread evenly over the cell. Features are drawn from strata by number of active positions. The engine measures them
in batches, as the trace step does. A whole cell is a copy that runs with fused causal attention: that takes as long for
any feature, and is timed for few. Both sides use one thread. FLOPs are counted for the timed features and, on average,
for all that are active in the cell.
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
WHOLE = 3  # features that whole cells are timed on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=["true", "small"], default="true")
    parser.add_argument("--pairs", type=int, default=16, help="features that the engine is timed on")
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
        sites, w_dec = state.sites, source.W_dec
        chosen = strata(sites.offsets.diff(), arguments.pairs)
        items = [scale_feature(*sites.at(at), w_dec[sites.features[at]], 0.0) for at in chosen]
        timed = compare(cell, items)
    finally:
        torch.set_num_threads(threads)
    n_blocks = len(targets)
    return {
        "machine": {**about, "threads": 1},
        "shape": vars(shape),
        "features": len(sites.features),
        "all": counted(adapter.info, shape, n_blocks, [sites.at(at)[0] for at in range(len(sites.features))]),
        "timed": {**counted(adapter.info, shape, n_blocks, [item.positions for item in items]), **timed},
        "peak_gib": peak_gib(),
    }


def strata(counts: Tensor, n: int) -> list[int]:
    """n places, or all if fewer: the middle ones of n strata by ``counts`` [A]."""
    order = torch.argsort(counts, stable=True)
    return [int(part[len(part) // 2]) for part in torch.tensor_split(order, min(n, len(order)))]


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


def compare(cell: DecoderCell, items: list[Displacement]) -> dict[str, float]:
    """Seconds a pair of both sides, and how far their effects on the deepest layer are apart."""
    deepest, found = cell.later.layers[-1], []
    batches = cell.batches([item.positions for item in items])
    cell.measure(items[:1])  # warm
    took = seconds(lambda: found.extend(cell.measure(items[batch])[deepest] for batch in batches)) / len(items)
    some = [int(at) for at in np.linspace(0, len(items) - 1, min(WHOLE, len(items)))]
    slow: list[Tensor] = []
    whole_took = seconds(lambda: slow.extend(whole(cell, items[at])[deepest] for at in some)) / len(some)
    ours, other = torch.cat(found)[some], torch.cat(slow)
    return {
        "seconds": took,
        "whole_seconds": whole_took,
        "ratio": whole_took / took,
        "difference": float((ours - other).abs().max()),
        "largest": float(other.abs().max()),
    }


def counted(info: ModelInfo, shape: Shape, n_blocks: int, displaced: list[Tensor]) -> dict[str, float]:
    """Means over features active at ``displaced`` positions: positions, recomputed rows, GFLOPs a pair."""
    n_features, found = n_blocks * shape.n_features, []
    for positions in displaced:
        (first, stop), n = stretch(positions, positions), len(positions)
        ours = decoder_flops(info, shape.n_tokens, stop - first, n_blocks, n_features, n)
        slow = n_blocks * shape.n_tokens * row_flops(info, shape.n_tokens) + n * 2 * info.d_model * n_features
        found.append((n, stop - first, ours / 1e9, slow / 1e9))
    return dict(zip(("positions", "rows", "gflop", "whole_gflop"), np.mean(found, axis=0).tolist(), strict=True))


def table(figures: dict[str, Any]) -> str:
    shape, timed = figures["shape"], figures["timed"]
    lines = [machine_line(figures), f"{shape['n_layers']} blocks of width {shape['d_model']}, layer {shape['source']}"]
    lines[1] += f" to all later ones, {shape['n_tokens']:,} tokens"
    columns = ("positions", "rows", "GFLOP", "whole", "ratio")
    lines += ["", f"{'features':<16}" + "".join(f"{name:>10}" for name in columns)]
    for name, row in ((f"all {figures['features']:,} active", figures["all"]), ("timed", timed)):
        values = (row["positions"], row["rows"], row["gflop"], row["whole_gflop"], row["whole_gflop"] / row["gflop"])
        lines.append(f"{name:<16}" + "".join(f"{value:>10.4g}" for value in values))
    lines += ["", f"seconds a pair: {timed['seconds']:.3g}, whole cells {timed['whole_seconds']:.3g}"]
    lines[-1] += f", {timed['ratio']:.2f} times as long"
    lines += [f"largest difference {timed['difference']:.1e} of {timed['largest']:.2g}"]
    return "\n".join([*lines, f"at most {figures['peak_gib']:.1f} GiB"])
