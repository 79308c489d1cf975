"""Several features at once, as a resumable task.

1. ``activity``: in which cells the features of the intervened layers are active; ``combinations``: combination, the
   named sets and those drawn.
2. ``cell-…``: combination_effect of one cell, all conditions of all sets.
3. ``statistics-…``: combination_stat of one set.
"""

from pathlib import Path

from prefect import task

from tasks.combine.combine import Combine
from tasks.combine.inputs import load_inputs
from tasks.combine.settings import CombineSettings
from tasks.store import StepFolder


@task(name="combine features")
def combine_features(
    settings: CombineSettings, saes: dict[int, Path], model: Path, cells: Path, folder: Path, device: str
) -> Path:
    """Measure every set of ``settings`` into ``folder``; ``saes`` maps layers to step folders.

    Raises RequestError if a layer, a feature or the cells do not allow it.
    """
    with StepFolder.create(folder) as out:
        if not out.done:
            combine = Combine(settings, load_inputs(settings, saes, model, cells, device), out)
            combine.run()
            out.finish(**combine.info())
    return folder
