"""The work of step ``combine``: several features at once.

1. ``activity``: in which cells the features of the intervened layers are active; ``combinations``: combination, the
   named sets and those drawn.
2. ``cell-…``: combination_effect of one cell, all conditions of all sets.
3. ``statistics-…``: combination_stat of one set.
4. ``ratios``, if sets are designed: combination_ratio of every set, and combination_contrast of the kinds of sets.
"""

from tasks.combine.combine import Combine
from tasks.combine.inputs import load_inputs
from tasks.combine.settings import CombineSettings
from tasks.step import Info, Inputs
from tasks.store import StepFolder


def combine_features(settings: CombineSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Measure every set of ``settings``. Raises RequestError if a layer, a feature or the cells do not allow it."""
    combine = Combine(settings, load_inputs(settings, inputs), out)
    combine.run()
    return combine.info()
