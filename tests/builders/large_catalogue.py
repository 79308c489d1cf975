"""Every step of a large study but its traces: cells, model, autoencoders, descriptions and, if asked for, modules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from tasks.store import StepFolder, content_key
from tests.builders import study_annotation, study_catalogue, study_features
from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import World
from tests.builders.study_features import Layer
from tests.builders.study_models import density_rows, metric_rows, model_row, sae_row
from tests.builders.study_shards import MODEL_ID

MEMBERS = 20  # features of a module
Tables = dict[str, pl.DataFrame]


def write_catalogue(
    root: Path,
    study: Any,
    world: World,
    layer: Layer,
    saes: dict[int, str],
    *,
    gene_sets: int,
    modules: bool,
) -> list[Path]:
    """Folders of the steps, in their order: those that are finished are left as they are."""
    named = {"large": study, "gene_sets": gene_sets}

    def under_every_name(tables: Tables) -> Tables:
        return {name: pl.concat(_renamed(frame, *sae) for sae in saes.items()) for name, frame in tables.items()}

    folders = [
        _written(root, "model", {"large": study}, lambda: _shared(world, len(saes))),
        _written(root, "sae", {"large": study}, lambda: under_every_name(_trained(world, layer))),
        _written(root, "describe", named, lambda: under_every_name(_described(world, layer, study["seed"], gene_sets))),
    ]
    if modules:
        folders.append(_written(root, "modules", named, lambda: under_every_name(_modules(layer))))
    return folders


def _shared(world: World, n_layers: int) -> Tables:
    return {
        "cell": world.cells,
        "gene": world.genes,
        "model": model_row(MODEL_ID, n_layers, len(world.symbols)),
        "model_metric": metric_rows("model_metric", {"model_id": MODEL_ID}),
    }


def _trained(world: World, layer: Layer) -> Tables:
    return {
        "sae": sae_row(world, layer, MODEL_ID),
        "sae_metric": metric_rows("sae_metric", {"sae_id": layer.sae_id}),
        "sae_density": density_rows(world, layer),
    }


def _described(world: World, layer: Layer, seed: int, gene_sets: int) -> Tables:
    genes = study_features.gene_rows(world, layer)
    shown = genes.filter("shown")
    annotation, summary = study_annotation.annotation_rows(world, layer, shown, seed + 1000 * gene_sets)
    types = study_features.cell_type_rows(world, layer)
    return {
        "feature": study_catalogue.feature_rows(world, layer, shown, annotation, types),
        "feature_gene": genes,
        "feature_top_cell": study_features.top_cell_rows(world, layer),
        "feature_histogram": study_features.histogram_rows(layer),
        "feature_neighbour": study_features.neighbour_rows(layer, seed),
        "annotation": annotation,
        "annotation_summary": summary,
        "feature_cell_type": types,
    }


def _modules(layer: Layer) -> Tables:
    """module and module_feature: living features, so many at a time as they are numbered."""
    alive = pl.DataFrame({"feature": layer.codes.any(0).nonzero()[0], "sae_id": layer.sae_id})
    members = alive.with_columns(module=1 + pl.int_range(pl.len()) // MEMBERS)
    sizes = members.group_by("sae_id", "module", maintain_order=True).agg(n_features=pl.len())
    said = {"n_edges": pl.col("n_features") - 1, "mean_weight": 1.0, "stability": 1.0, "rule": pl.lit("given_gene")}
    sizes = sizes.with_columns(**said, modularity=0.5, null_modularity=0.3, null_sd=0.02, n_null=5)
    return {
        "module": contract_frame("module", sizes),
        "module_feature": contract_frame("module_feature", members),
    }


def _renamed(frame: pl.DataFrame, layer: int, sae_id: str) -> pl.DataFrame:
    """A layer's rows under another layer's name."""
    values = {"sae_id": pl.lit(sae_id), "layer": pl.lit(layer, pl.UInt16)}
    return frame.with_columns(**{name: value for name, value in values.items() if name in frame.columns})


def _written(root: Path, step: str, named: Any, tables: Callable[[], Tables]) -> Path:
    """The finished folder of a step, made if it is not there."""
    folder = root / f"{step}-{content_key({'step': step, **named})}"
    with StepFolder.create(folder) as out:
        if not out.done:
            with out.unit("all") as unit:
                for table, frame in tables().items():
                    unit.table(table, frame)
            out.finish()
    return folder
