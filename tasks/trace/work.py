"""The work of step ``trace``: the effects of one source layer's features.

1. ``fit``: traced_fit, what the autoencoders explain of the traced cells, and trace_source, which features are traced;
   ``pairs``: trace_pair, what is to be measured.
2. Of each effect, total before direct: ``c…-f…``, effect_cell of features in cells, and their controls as files;
   ``controls``: trace_control, for a sample of the features; ``tests-…``: null_feature, and the tests of features in
   all cells; ``edges-…``: edge_stat, once all tests are known, for q needs them all; ``audit``: precision_audit,
   unless all was measured in float32.
3. ``summary``: criterion, feature_degree, threshold_sweep.
"""

from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.trace.inputs import load_inputs
from tasks.trace.settings import TraceSettings
from tasks.trace.trace import LayerTrace


def trace_layer(settings: TraceSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Trace the chosen features of one source layer.

    Raises RequestError if a layer, an autoencoder or the cells do not allow it, or memory does not suffice.
    """
    trace = _trace(settings, inputs, out, out)
    trace.run()
    return trace.info()


def prepare_layer(settings: TraceSettings, inputs: Inputs, out: StepFolder) -> None:
    """Write which features are traced in which cells. Raises RequestError as ``trace_layer`` does."""
    _trace(settings, inputs, out, out).prepare()


def measure_part(settings: TraceSettings, inputs: Inputs, whole: StepFolder, out: StepFolder, part: int) -> None:
    """Measure one part's share of what ``whole`` lacks, into ``out``."""
    _trace(settings, inputs, whole, out).measure(part)


def _trace(settings: TraceSettings, inputs: Inputs, whole: StepFolder, out: StepFolder) -> LayerTrace:
    layer, saes = inputs.own_layer, inputs.layers("sae")
    known = {step: inputs.layers(step)[layer] for step in ("codes", "describe") if layer in inputs.layers(step)}
    model, cells = inputs.folder("model"), inputs.folder("cells")
    found = load_inputs(settings, layer, saes, model, cells, known, inputs.device)
    return LayerTrace(settings, found, whole, out)
