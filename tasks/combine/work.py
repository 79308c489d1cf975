"""The work of step ``combine``: several features at once.

1. ``activity``: in which cells the features of the intervened layers are active; ``combinations``: combination, the
   named sets and those drawn.
2. ``cell-…``: combination_effect of one cell, all conditions of all sets.
3. ``statistics-…``: combination_stat of one set.
"""

from tasks.combine.combine import Combine
from tasks.combine.inputs import load_inputs
from tasks.combine.settings import CombineSettings
from tasks.step import Info, Inputs
from tasks.store import StepFolder


def combine_features(settings: CombineSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Measure every set of ``settings``. Raises RequestError if a layer, a feature or the cells do not allow it."""
    saes, model, cells = inputs.layers("sae"), inputs.folder("model"), inputs.folder("cells")
    combine = Combine(settings, load_inputs(settings, saes, model, cells, inputs.device), out)
    combine.run()
    return combine.info()
