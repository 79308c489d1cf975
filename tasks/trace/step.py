"""The trace of one source layer, as a resumable task.

1. ``block-…``: every pair of a block of source features: trace_pair, effect_cell, null_feature, and the tests.
2. ``controls``: trace_control, for a sample of the features.
3. ``edges-…``: edge_stat, once the tests of all blocks are known, for q needs them all.
4. ``summary``: criterion, feature_degree, threshold_sweep.
"""

from pathlib import Path

from prefect import task

from tasks.store import StepFolder
from tasks.trace.inputs import load_inputs
from tasks.trace.memory import require_room
from tasks.trace.settings import TraceSettings
from tasks.trace.trace import LayerTrace


@task(name="trace layer")
def trace_layer(
    settings: TraceSettings, layer: int, saes: dict[int, Path], model: Path, cells: Path, folder: Path, device: str
) -> Path:
    """Trace every living feature of ``layer`` into ``folder``; ``saes`` maps layers to step folders.

    Raises RequestError if a layer, an autoencoder or the cells do not allow it, or memory does not suffice.
    """
    with StepFolder.create(folder) as out:
        if out.done:
            return folder
        inputs = load_inputs(settings, layer, saes, model, cells, device)
        require_room(settings, inputs)
        trace = LayerTrace(settings, inputs, out, device)
        trace.blocks()
        trace.controls()
        trace.edges()
        trace.summary()
        out.finish(**trace.info())
    return folder
