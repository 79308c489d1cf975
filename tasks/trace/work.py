"""The work of step ``trace``: the effects of one source layer's features.

1. ``pairs``: trace_pair, what is to be measured.
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
    """Trace every living feature of one source layer.

    Raises RequestError if a layer, an autoencoder or the cells do not allow it, or memory does not suffice.
    """
    layer, saes, codes = inputs.own_layer, inputs.layers("sae"), inputs.layers("codes").get(inputs.own_layer)
    found = load_inputs(settings, layer, saes, inputs.folder("model"), inputs.folder("cells"), codes, inputs.device)
    trace = LayerTrace(settings, found, out)
    trace.run()
    return trace.info()
