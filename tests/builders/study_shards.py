"""A whole synthetic study as finished step folders: small, invented, and true to every contract's meaning."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tasks.store import StepFolder, content_key
from tests.builders import (
    study_annotation,
    study_calls,
    study_catalogue,
    study_combine,
    study_controls,
    study_features,
    study_indexes,
    study_references,
    study_trace,
)
from tests.builders.contract_frames import contract_frame
from tests.builders.study_analyses import analysis_tables
from tests.builders.study_cells import World, make_world, obs_rows
from tests.builders.study_features import Layer
from tests.builders.study_models import alternate_rows, density_rows, metric_rows, model_row, sae_row
from tests.builders.study_validation import gene_pair_rows, validation_tables

MODEL_ID = "geneformer-mini-0a1b2c"


def make_study(
    root: Path,
    seed: int = 0,
    *,
    n_features: int = 40,
    layers: tuple[int, ...] = (0, 1, 2),
    n_cells: int = 160,
    n_genes: int = 80,
    n_tokens: int = 30,
    n_traced_cells: int = 24,
    n_perm: int = 200,
    effects: tuple[str, ...] = ("total", "direct"),
    labelled: bool = True,
    precision: str = "bf16",
) -> tuple[dict[str, Any], list[Path]]:
    """Write the folders of every step below ``root``; return the row of table ``run`` and the folders in step order.

    Layer ``layers[0]`` is traced onto all later ones; a ``precision`` other than float32 is audited. The same
    arguments give the same rows.
    """
    world = make_world(seed, n_cells, n_genes, n_tokens)
    study = {"seed": seed, "n_features": n_features, "layers": list(layers), "n_cells": n_cells, "labelled": labelled}
    study |= {"precision": precision}
    cells = world.cells if labelled else world.cells.with_columns(label=pl.lit(None, dtype=pl.String))
    folders = [
        _write(root, "cells", study, {"cell": cells, "gene": world.genes, "cell_obs": obs_rows(cells)}),
        _write(root, "model", study, {"model": model_row(MODEL_ID, len(layers), n_genes), "model_metric": _curve()}),
    ]
    saes = []
    for layer in layers:
        folder, made = _write_sae(root, study, world, layer, seed)
        saes.append(made)
        folders += [folder, _write_describe(root, study, world, made, labelled)]
    folders.append(_write(root, "references", study, study_references.reference_tables(world, seed)))
    folders += [_write(root, step, study, tables) for step, tables in analysis_tables(folders[2:6], saes, world)]
    others = alternate_rows(*map(StepFolder.open(folders[2]).read_table, ("sae", "sae_density")))
    folders.append(_write(root, "compare", study, others))
    folders += _write_trace(root, study, world, saes, n_cells=n_traced_cells, n_perm=n_perm, effects=effects)
    edges = StepFolder.open(folders[-2]).read_table("edge_stat")
    folders.append(_write(root, "combine", study, study_combine.combine_tables(world, saes, seed)))
    genes = pl.concat([StepFolder.open(f).read_table("feature_gene") for f in folders if f.name.startswith("describe")])
    pairs = gene_pair_rows(study_calls.called(edges, "specific"), genes.filter("shown"))
    folders.append(_write(root, "validate", study, validation_tables(pairs)))
    return run_row(study), folders


def run_row(study: dict[str, Any]) -> dict[str, Any]:
    """Values of table ``run``."""
    text = f'{{"seed": {study["seed"]}, "trace": {{"source_layers": [{study["layers"][0]}]}}}}'
    return {
        "run_id": content_key({"run": study}),
        "study": "synthetic",
        "title": "Invented cells and features",
        "study_json": text,
        "study_sha": hashlib.sha256(text.encode()).hexdigest(),
        "code_version": '{"trace": 1}',
        "seed": study["seed"],
        "device": "cpu",
        "precision": study["precision"],
        "hardware": "2 cores, 8 GiB",
        "versions": '{"python": "3.11"}',
        "imported": False,
        "started": datetime(2026, 1, 1, 12, 0, 0),
        "finished": datetime(2026, 1, 1, 12, 1, 30),
        "seconds": 90.0,
    }


def _write(root: Path, step: str, study: Any, tables: dict[str, pl.DataFrame]) -> Path:
    folder = root / f"{step}-{content_key({'step': step, 'study': study})}"
    with StepFolder.create(folder) as out:
        with out.unit("all") as unit:
            for table, frame in tables.items():
                unit.table(table, frame)
            with unit.file(f"{step}/note.txt") as path:
                path.write_text(f"{step} of a synthetic study\n")
        about = {"layer": study["layer"]} if "layer" in study else {}
        out.finish(**about, **({"sae_id": tables["feature"]["sae_id"][0]} if "feature" in tables else {}))
    return folder


def _write_sae(root: Path, study: dict[str, Any], world: World, layer: int, seed: int) -> tuple[Path, Layer]:
    named = {**study, "layer": layer}
    key = content_key({"step": "sae", "study": named})
    sae_id = f"L{layer:02d}-topk{study['n_features']}-k4-{key[:6]}"
    made = study_features.make_layer(world, sae_id, layer, study["n_features"], seed)
    tables = {
        "sae": sae_row(world, made, MODEL_ID),
        "sae_metric": metric_rows("sae_metric", {"sae_id": sae_id}),
        "sae_density": density_rows(world, made),
    }
    return _write(root, "sae", named, tables), made


def _write_describe(root: Path, study: dict[str, Any], world: World, layer: Layer, labelled: bool) -> Path:
    genes = study_features.gene_rows(world, layer)
    shown = genes.filter("shown")
    annotation, summary = study_annotation.annotation_rows(world, layer, shown, study["seed"])
    types = study_features.cell_type_rows(world, layer)
    types = types if labelled else types.clear()
    tables = {
        "feature": study_catalogue.feature_rows(world, layer, shown, annotation, types),
        "feature_gene": genes,
        "feature_top_cell": study_features.top_cell_rows(world, layer),
        "feature_histogram": study_features.histogram_rows(layer),
        "feature_neighbour": study_features.neighbour_rows(layer, study["seed"]),
        "annotation": annotation,
        "annotation_summary": summary,
        "feature_cell_type": types,
        **study_indexes.index_tables(world.cells, genes, annotation, types),
    }
    return _write(root, "describe", {**study, "layer": layer.layer}, tables)


def _write_trace(
    root: Path,
    study: dict[str, Any],
    world: World,
    saes: list[Layer],
    *,
    n_cells: int,
    n_perm: int,
    effects: tuple[str, ...],
) -> list[Path]:
    """The folders of the trace and of what is summed up of it."""
    source = saes[0]
    pairs = study_trace.trace_pairs(source, world, n_cells)
    traced = study_trace.trace_source(pairs, source, saes[1:], effects=effects, n_perm=n_perm, seed=study["seed"])
    edges = study_calls.edge_rows(traced)
    controls = study_controls.control_rows(edges, source)
    tables = {
        "criterion": study_calls.criterion_rows(),
        **study_controls.fit_tables(pairs, saes),
        "trace_pair": pairs,
        "effect_cell": contract_frame("effect_cell", traced.cells),
        "edge_stat": edges,
        "null_feature": study_calls.null_rows(traced, edges, source),
        "threshold_sweep": study_calls.sweep_rows(traced, edges, source),
        "feature_degree": study_calls.degree_rows(edges),
        "trace_control": controls,
        "precision_audit": study_controls.audit_rows(edges, study["precision"]),
    }
    summary = {"control_summary": study_controls.control_summary_rows(controls)}
    trace = _write(root, "trace", {**study, "layer": source.layer, "effects": list(effects)}, tables)
    return [trace, _write(root, "controls", study, summary)]


def _curve() -> pl.DataFrame:
    return metric_rows("model_metric", {"model_id": MODEL_ID})
