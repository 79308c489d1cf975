"""The two sides that ``bench_trace`` compares on one cell of one model: the published procedures and ours."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tasks.causal.cell import SourceState, source_state
from tasks.causal.cost import frozen_flops, total_flops
from tasks.causal.effects import along, scaled, trace_pairs
from tasks.causal.engines import make_engine
from tasks.causal.later import Later
from tasks.causal.tiles import TiledEncoder
from tasks.models.adapter import run_blocks
from tasks.models.batches import Batch
from tasks.models.precision import in_precision
from tasks.sae import Sae
from tasks.store.workers import in_parallel
from tests.builders.published_trace import PublishedTrace
from tests.builders.true_shape import Shape, firing_sae, random_tokens, shaped_model


@dataclass(frozen=True)
class Side:
    """Seconds and FLOPs a pair, seconds of the clean pass, and effects [n, F] by target layer of ``features``."""

    features: Tensor
    seconds: float
    flops: float
    clean_seconds: float
    effects: dict[int, Tensor]


@dataclass(frozen=True)
class Bench:
    """A cell of a model, the autoencoders of source and later layers, and features by number of active positions."""

    shape: Shape
    twin: PublishedTrace
    state: SourceState
    precision: str

    @property
    def later(self) -> dict[int, Sae]:
        return self.twin.targets

    def features(self, n: int) -> Tensor:
        """n features, or all if fewer, ascending: of n strata by active positions, the one next to the stratum's mean.

        Their mean is close to that of all features, though a few hubs make it larger than the median.
        """
        counts = self.state.sites.offsets.diff()
        strata = torch.tensor_split(torch.argsort(counts, stable=True), min(n, len(counts)))
        drawn = [part[(counts[part] - counts[part].double().mean()).abs().argmin()] for part in strata]
        return self.state.sites.features[torch.stack(drawn)].sort().values

    def features_with(self, some: Tensor, n: int) -> Tensor:
        """``some`` features, filled up to about n."""
        return torch.unique(torch.cat([some, self.features(n - len(some))])) if n > len(some) else some

    def mean_positions(self, features: Tensor) -> float:
        return float(self.state.sites.offsets.diff()[self.state.sites.among(features)].double().mean())

    def twin_of(self, targets: list[int]) -> PublishedTrace:
        return replace(self.twin, targets={layer: self.later[layer] for layer in targets})


@torch.inference_mode()
def build(shape: Shape, device: str, precision: str) -> Bench:
    adapter = shaped_model(shape, device)
    tokens = random_tokens(adapter, shape.n_tokens)
    hidden = run_blocks(adapter, adapter.embed(Batch.of(tokens)), 0, shape.source + 1)
    source = firing_sae(shape, shape.source, hidden[0])
    state = source_state(adapter, shape.source, TiledEncoder(source), 0, Batch.of(tokens))
    later = enumerate(adapter.blocks(hidden, shape.source + 1, shape.n_layers), shape.source + 1)
    saes = {layer: firing_sae(shape, layer, output[0]) for layer, output in later}
    genes = adapter.is_gene(tokens).nonzero().flatten()
    return Bench(shape, PublishedTrace(adapter, source, saes, tokens, state.hidden, genes), state, precision)


@torch.inference_mode()
def run_slow(one: Callable[[int], dict[int, Tensor]], features: Tensor, flops: float) -> Side:
    """A published procedure, pair after pair; the first is run once more before the clock starts, with clean codes."""
    start = time.perf_counter()
    one(int(features[0]))
    begun = time.perf_counter()
    found = [{layer: effect.cpu() for layer, effect in one(feature).items()} for feature in features.tolist()]
    seconds = (time.perf_counter() - begun) / len(features)
    effects = {layer: torch.stack([each[layer] for each in found]) for layer in found[0]}
    return Side(features, seconds, flops, begun - start, effects)


def run_ours(bench: Bench, effect: str, targets: list[int], features: Tensor) -> Side:
    """The engine as the trace step runs it; the clean pass is shared by all pairs of a cell and counted apart."""
    adapter = in_precision(bench.twin.adapter, bench.precision)
    later = Later(adapter, bench.shape.source, {layer: bench.later[layer] for layer in targets})
    engine = make_engine(effect, later)
    start = time.perf_counter()
    cell = next(iter(in_parallel(engine.prepare, [bench.state], torch.device(adapter.device))))
    clean = time.perf_counter() - start
    displace = along(bench.twin.source.W_dec.cpu(), scaled(0.0))
    trace_pairs(engine, [cell], features[:2], displace, 0.0, lambda _: None)  # warm
    start = time.perf_counter()
    block = trace_pairs(engine, [cell], features, displace, 0.0, lambda _: None)
    seconds = (time.perf_counter() - start) / len(features)
    return Side(features, seconds, _flops(bench, effect, targets, features), clean, block.values)


def _flops(bench: Bench, effect: str, targets: list[int], features: Tensor) -> float:
    n_blocks = max(targets) - bench.shape.source
    count = frozen_flops if effect == "direct" or n_blocks == 1 else total_flops
    info, n_features = bench.twin.adapter.info, len(targets) * bench.shape.n_features
    return count(info, bench.shape.n_tokens, bench.mean_positions(features), n_blocks, n_features)
