"""Rows of the analyses of a synthetic study: some invented, of other tables one that its contract allows."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from tasks.steps import STEPS
from tasks.store import StepFolder
from tests.builders.contract_frames import contract_frame, example_row
from tests.builders.study_cells import World
from tests.builders.study_cohorts import cohort_rows, contrast_rows
from tests.builders.study_contexts import context_tables
from tests.builders.study_damage import damage_tables
from tests.builders.study_domains import knowledge_tables
from tests.builders.study_features import Layer
from tests.builders.study_labels import label_tables, tissue_rows
from tests.builders.study_networks import network_rows
from tests.builders.study_shift import shift_tables
from tests.builders.study_steering import steering_tables
from tests.builders.study_tracking import tracking_tables

Tables = dict[str, pl.DataFrame]
INVENTED: dict[str, Callable[[Tables], pl.DataFrame]] = {
    "cohort": cohort_rows,
    "cohort_contrast": contrast_rows,
    "feature_network_density": network_rows,
    "feature_tissue": tissue_rows,
}
FITTING = {
    "svd_layer": {"gain": 1.0, "n_aligned": 0},
    "attenuation": {"n_sources": 2},
    "effect_size_ecdf": {"n_tested": 2},
    "split_half": {"jaccard": 1.0},
    "transfer_edge": {"jaccard": 1.0},
    "class_contrast": {"reason": None},
    "module": {"n_null": 5},
    "run_pair_stability": {"jaccard": 1.0, "kind": "cells", "n_cells": 8},
    "paired_gene_pair": {"ratio": 1.0},
    "target_response": {"criterion": "calibrated"},
    "threshold_sweep": {"mean_degree": 1.0},
    "coherence": {"n_shared": 1, "share": 1.0, "null_mean": 0.5, "fold": 2.0},
    "tail_fit": {"median": 1.0, "alpha": 1.5, "alpha_low": 1.25, "alpha_high": 2.0, "verdict": "cannot_tell"},
    "tail_alternative": {"favoured": "neither"},
    "enrichment_test": {"k": 0},
    "causal_patch": {"specificity": 1.0},
    "causal_patch_summary": {
        "mean_specificity": 1.0,
        "median_specificity": 1.0,
        "n_above_2": 0,
        "n_significant": 0,
        "n_beyond": 0,
    },
    "patch_cell": {"difference": 0.0},
    "patch_control": {"control": "frequency_matched"},
    "enrichment_decile": {"share": 1.0, "high": 1.0},
    "feature_disease": {"n_overlap": 2, "n_feature_genes": 2, "n_set": 2, "n_background": 2, "fold": 4.0},
    "disease_summary": {"library": "all", "annotated_fraction": 1.0},
    "disease_test": {"reason": None},
    "disease_circuit": {"reason": None},
    "disease_consensus": {"reason": None},
    "intervention_score": {"n_cells": 2, "n_folds": 2},
    "intervention_value": {"readout": "signature"},
    "intervention_summary": {"readout": "signature"},
    "perturbation": {"reason": None},
    "perturbation_response": {"log2_fold": 0.0},
    "perturbation_answer": {"reason": None},
    "answer_summary": {"reason": None},
    "perturbation_shift": {"reason": None},
    "strength_test": {"reason": None, "criterion": "calibrated", "direction": "out"},
}  # where columns must fit each other, or another table
OF_TRACE = {"controls"}  # steps whose rows follow from those of a trace, which is invented after the others


def analysis_tables(folders: Sequence[Path], saes: Sequence[Layer], world: World) -> Iterator[tuple[str, Tables]]:
    """Step and tables of every analysis; ``folders``: of two autoencoders and what is said of each, in turns."""
    described = [StepFolder.open(folder) for folder in folders]
    written = {
        table: pl.concat(folder.read_table(table) for folder in described[place::2])
        for place, table in enumerate(("sae", "feature"))
    }
    written["cell"] = described[1].read_table("feature_top_cell").select("cell_id").unique().sort("cell_id")
    written["gene"] = world.genes
    types = described[1].read_table("feature_cell_type")
    first, cells = described[1].read_table("feature"), described[1].read_table("feature_top_cell")["cell_id"]
    invented = {
        **(label_tables(types) if types.height else {}),
        **context_tables(world, saes, labelled=bool(types.height)),
        **tracking_tables(saes),
        **steering_tables(world, saes),
        **shift_tables(world, saes),
        **damage_tables(first, cells.unique().to_list()),
    }
    whole = knowledge_tables(saes)
    for step in STEPS:
        if step.name in OF_TRACE or not step.work.startswith("tasks.analyses."):
            continue
        for table in step.tables:
            if step.name in whole:
                written[table] = contract_frame(table, whole[step.name][table])
                continue
            fitting = {name: pl.lit(value) for name, value in FITTING.get(table, {}).items()}
            rows = invented[table] if table in invented else _rows(table, written)
            fitting |= {"analysis": pl.lit(step.name)} if table == "null_draw" else {}
            if table == "run_pair_stability" and step.name == "transfer":
                fitting |= {"kind": pl.lit("study"), "n_cells": pl.lit(0)}
            written[table] = contract_frame(table, rows.with_columns(**fitting))
        yield step.name, {table: written[table] for table in step.tables}


def _rows(table: str, written: Tables) -> pl.DataFrame:
    return INVENTED[table](written) if table in INVENTED else example_row(table, written)
