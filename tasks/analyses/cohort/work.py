"""The work of step ``cohort``, one layer: autoencoders of each source alone and of all together, on equal terms.

1. Sources, and which cells and positions every autoencoder is trained on (``sources``).
2. One unit an autoencoder: trained as step ``sae`` trains (``training``), judged on held-out cells of every source
   (``judging``). Killed, the next run goes on with the autoencoder that was in training.
3. Every cohort against each source's own, over seeds (``contrasts``).

The published control pooled two data sets of different gene panels, trained once, took the best of four layers and held
it against another layer of the single source, with a rule that names silent features.
"""

from typing import Any

import numpy as np
import torch

from tasks.activations.reader import ActivationReader
from tasks.analyses.cohort.contrasts import contrasts
from tasks.analyses.cohort.judging import Judge, held_out
from tasks.analyses.cohort.sources import Cohort, deal, read_sources
from tasks.analyses.cohort.step import CohortSettings
from tasks.analyses.cohort.training import settings_of, train
from tasks.cells.reader import CellsReader
from tasks.describe.settings import DescribeSettings
from tasks.references.reader import ReferencesReader
from tasks.sae.settings import SaeSettings
from tasks.sae.training.checkpoints import drop_checkpoints
from tasks.sae.training.training import Trained
from tasks.step import Info, Inputs
from tasks.store import Progress, StepFolder, table_frame

CONTRASTS = "contrasts"


def compare_cohorts(settings: CohortSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Fill both tables of one layer. Raises RequestError for sources that are not there or have too few cells."""
    layer = inputs.own_layer
    if not out.has(CONTRASTS):
        activations, reader = ActivationReader(inputs.folder("activations")), CellsReader(inputs.folder("cells"))
        index = activations.index()
        sources = read_sources(settings, reader, index.cell_id)
        cohorts = deal(sources, index.cell_id, settings.seeds, settings.seed)
        describe = inputs.sections.of(DescribeSettings)
        libraries = ReferencesReader(inputs.folder("references")).gene_sets()
        heldout = held_out(sources, index, reader, libraries, describe)
        hidden = activations.load(layer).to(inputs.device)
        judge = Judge(hidden, heldout, describe, settings.null_draws, settings.seed)
        _train_all(settings, inputs.sections.of(SaeSettings), layer, cohorts, judge, out)
        rows = out.read_table("cohort")
        with out.unit(CONTRASTS) as unit:
            found = [{"layer": layer, **row} for row in contrasts(rows)]
            unit.table("cohort_contrast", table_frame("cohort_contrast", found))
    drop_checkpoints(out)
    return {"layer": layer, "n_autoencoders": out.read_table("cohort").select("cohort", "seed").n_unique()}


def _train_all(
    settings: CohortSettings, common: SaeSettings, layer: int, cohorts: list[Cohort], judge: Judge, out: StepFolder
) -> None:
    hidden = judge.hidden
    heldout = torch.from_numpy(np.concatenate([one.rows for one in judge.heldout])).to(hidden.device)
    with Progress(f"cohorts of layer {layer}", len(cohorts), unit="sae") as bar:
        for number, cohort in enumerate(cohorts):
            name = f"cohort-{number:04d}"
            if not out.has(name):
                chosen = settings_of(common, settings.steps, cohort.seed)
                trained = train(cohort, chosen, layer, hidden, heldout, out, f"{name}-")
                about = _about(layer, cohort, trained)
                with out.unit(name) as unit:
                    unit.table("cohort", table_frame("cohort", [about | row for row in judge.judge(trained.sae)]))
            bar.advance()


def _about(layer: int, cohort: Cohort, trained: Trained) -> dict[str, Any]:
    return {
        "layer": layer,
        "cohort": cohort.name,
        "seed": cohort.seed,
        "n_train_cells": cohort.n_cells,
        "n_train_positions": len(cohort.rows),
        "n_steps": trained.n_steps,
        "n_features": trained.sae.n_features,
    }
