"""What a source layer's trace costs, from the shapes of its inputs; memory is estimated before the work starts."""

import polars as pl

from tasks.causal.frozen import ROWS
from tasks.causal.reading import Reading
from tasks.store import RequestError
from tasks.store.memory import require_memory
from tasks.trace.inputs import TraceInputs
from tasks.trace.layout import EFFECT, SINGLE, Layout, Shape
from tasks.trace.settings import TraceSettings


def shape_of(effect: str, inputs: TraceInputs, pairs: pl.DataFrame, reading: Reading = "active") -> Shape:
    """The shape of one effect of a source layer; ``pairs`` are rows of trace_pair."""
    n_blocks, active = max(inputs.targets) - inputs.source.layer, reading == "active"
    lengths = [cell.width for cell in inputs.cells.values()]
    return Shape(
        info=inputs.adapter.info,
        frozen=active and (effect == "direct" or n_blocks == 1),
        n_cells=len(lengths),
        n_tokens=sum(lengths) / len(lengths),
        n_positions=int(pairs["n_positions"].cast(pl.Int64).sum()) / pairs.height,
        n_blocks=n_blocks,
        n_targets=sum(sae.n_features for sae in inputs.targets.values()),
        n_codes=sum(sae.most_active for sae in inputs.targets.values()),
        n_read=None if active else int(pairs["n_read"].cast(pl.Int64).sum()) / pairs.height,
        decoder=inputs.adapter.block(inputs.source.layer).order is not None,
    )


def needed_memory(layout: Layout, shape: Shape, n_devices: int, n_threads: int) -> int:
    """Bytes beyond model and autoencoders: source states, prepared cells, states at work, effects of a unit, tests.

    Devices that share the work are counted together, as if they were one memory.
    """
    states = shape.n_cells * shape.n_tokens * shape.info.d_model * SINGLE
    prepared = n_devices * layout.cells * shape.cell_bytes
    dense = (3 if shape.info.gated else 2) * shape.info.d_ff
    row = 6 * shape.info.d_model + dense  # a position at work inside a block
    working = n_devices * n_threads * max(ROWS, shape.n_tokens) * row * SINGLE
    effects = max(n_devices * layout.features * layout.cells, layout.tested * shape.n_cells) * shape.n_targets * EFFECT
    return int(states + prepared + working + effects)


def require_room(settings: TraceSettings, layout: Layout, shape: Shape, n_devices: int, n_threads: int) -> None:
    """Raise RequestError if the estimate exceeds what the settings allow, or what is available."""
    needed = needed_memory(layout, shape, n_devices, n_threads)
    remedy = "set a smaller trace.n_cells, trace.feature_block or trace.cell_block"
    require_memory(needed, "tracing", remedy)
    if needed > settings.memory_gb * 1e9:
        raise RequestError(
            f"tracing needs about {needed / 1e9:.2f} GB, trace.memory_gb allows {settings.memory_gb:g}: raise it, "
            f"or {remedy}"
        )
