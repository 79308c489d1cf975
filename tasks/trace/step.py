"""The trace of one source layer, as a resumable task.

1. ``pairs``: trace_pair, what is to be measured.
2. Of each effect, total before direct: ``c…-f…``, effect_cell of features in cells, and their controls as files;
   ``controls``: trace_control, for a sample of the features; ``tests-…``: null_feature, and the tests of features in
   all cells; ``edges-…``: edge_stat, once all tests are known, for q needs them all; ``audit``: precision_audit,
   unless all was measured in float32.
3. ``summary``: criterion, feature_degree, threshold_sweep.
"""

from pathlib import Path

from prefect import task

from tasks.store import StepFolder
from tasks.trace.inputs import load_inputs
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
        trace = LayerTrace(settings, inputs, out)
        trace.run()
        out.finish(**trace.info())
    return folder
