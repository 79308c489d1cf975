"""A tiny published atlas in its true layout, of either model, with every oddity that the real files have.

Feature 0 of a layer is dead; feature 1 fires once, which rounds to a frequency of 0; feature 2 is dense.
"""

import json
import random
from pathlib import Path
from typing import Any

from tests.builders import atlas_results

N_POSITIONS = 4_056_351
GENES = ["MYC", *(f"GENE{number}" for number in range(1, 60))]
ONTOLOGIES = ("GO_BP", "KEGG", "Reactome")
PLACES = {"geneformer": {"infinite": 1.25e14}, "scgpt": {"infinite": float("inf")}}
Layer = dict[str, Any]


def make_atlas(
    folder: Path,
    family: str = "geneformer",
    *,
    n_layers: int = 3,
    n_features: int = 40,
    seed: int = 0,
    without: tuple[str, ...] = (),
) -> Path:
    """Write an atlas, ``without`` some of its files; the same arguments give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"{family} {seed}")
    layers = [_layer(rng, number, n_features, family) for number in range(n_layers)]
    files: dict[str, Any] = {"global_summary": _summary(layers, n_features)}
    for number, layer in enumerate(layers):
        files |= {f"layer_{number:02d}_{kind}": layer[kind] for kind in ("features", "annotations", "celltypes")}
        files[f"layer_{number:02d}_positions"] = [
            [round(rng.random(), 5), -round(rng.random(), 5)] for _ in range(n_features)
        ]
    files["modules"] = [module for layer in layers for module in layer["modules"]]
    files |= atlas_results.results(rng, layers, family)
    for name, value in files.items():
        if f"{name}.json" not in without:  # json writes bare Infinity, as the published files do
            (folder / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")))
    return folder


def _layer(rng: random.Random, number: int, n_features: int, family: str) -> Layer:
    annotations = {str(i): _annotation(rng, i, family) for i in range(2, n_features, 2)}
    features = [_feature(rng, i, annotations.get(str(i))) for i in range(n_features)]
    modules = [
        {
            "layer": number,
            "id": module,
            "n": len(members),
            "features": members,
            "top_anns": [{"t": "Ribosome Biogenesis (GO:0042254)", "c": 2}, {"t": "pairwise_enrichment", "c": 1}],
        }
        for module in (0, 1)
        for members in [[one["i"] for one in features if one["m"] == module]]
    ]
    return {
        "features": features,
        "annotations": annotations,
        "celltypes": _cell_types(rng, n_features, family),
        "modules": modules,
    }


def _feature(rng: random.Random, i: int, annotation: dict[str, Any] | None) -> dict[str, Any]:
    count = {0: 0, 1: 1, 2: N_POSITIONS // 5}.get(i, rng.randint(50, 60_000))
    anns = annotation["anns"] if annotation else []
    best = min(anns, key=lambda one: 1.0 if one["o"].endswith("_edges") else one["p"], default={"t": "", "o": "none"})
    genes = annotation["genes"] if annotation else _genes(rng, 5)
    return {
        "i": i,
        "d": count == 0,
        "f": round(count / N_POSITIONS, 6),
        "ma": round(count / N_POSITIONS * 3, 4),
        "fc": count,
        "na": len(anns),
        "m": -1 if i < 3 else i % 2,
        "sv": i == 5,
        "lb": best["t"],
        "to": best["o"],
        "tg": [{"n": gene["n"], "a": gene["a"]} for gene in genes[:5]] if count else [],
    }


def _genes(rng: random.Random, n: int) -> list[dict[str, Any]]:
    means = sorted((round(rng.uniform(1, 12), 4) for _ in range(n)), reverse=True)
    return [
        {"n": gene, "a": mean, "fc": rng.randint(1, 900)}
        for gene, mean in zip(rng.sample(GENES, n), means, strict=True)
    ]


def _annotation(rng: random.Random, i: int, family: str) -> dict[str, Any]:
    genes = _genes(rng, 20)
    anns = [_term(rng, genes, ontology, f"{ontology} term {number}") for number, ontology in enumerate(ONTOLOGIES)]
    anns[1]["p"] = 3.2e-12 if i == 2 else 0.0 if i == 4 else anns[1]["p"]
    if i == 4:
        anns[1]["or"] = PLACES[family]["infinite"]
    if i % 6 == 0:
        anns = [_term(rng, genes, "TRRUST_TF_enrichment", "transcription_factors")]
    if i % 8 == 0:
        anns.append({"o": "STRING_edges", "t": "pairwise_enrichment", "p": 0.005263, "or": 0, "n": 0, "g": []})
    if i == 10:  # edges alone
        anns = [{"o": "TRRUST_edges", "t": "pairwise_enrichment", "p": 0.010526, "or": 0, "n": 0, "g": []}]
    return {"genes": genes, "anns": anns}


def _term(rng: random.Random, genes: list[dict[str, Any]], ontology: str, term: str) -> dict[str, Any]:
    overlap = [gene["n"] for gene in genes[: rng.randint(2, 5)]]
    p, ratio = round(rng.uniform(0.001, 0.05), 6), round(rng.uniform(2, 90), 2)
    return {"o": ontology, "t": term, "p": p, "or": ratio, "n": len(overlap), "g": overlap}


def _cell_types(rng: random.Random, n_features: int, family: str) -> dict[str, Any]:
    cells = sorted((round(rng.uniform(0.5, 9), 4) for _ in range(5)), reverse=True)
    entry = {
        "ct": [
            {"c": "B cell", "p": 4.8e-21, "or": PLACES[family]["infinite"], "n": 12},
            {"c": "basophil", "p": 0.03, "or": 3.41, "n": 4},
        ],
        "ti": [{"t": "lung", "p": 1.6e-9, "or": 2}],
        "tc": [{"ct": "B cell", "t": "lung", "a": activation} for activation in cells],
    }
    features = {str(i): entry for i in range(3, n_features)}
    said = {
        "n_cells": 3000,
        "tissues": ["immune", "lung"],
        "n_cell_types": 2,
        "n_features_with_enrichment": len(features),
    }
    meta = {"B cell": {"n": 235, "t": "immune,lung"}, "basophil": {"n": 23, "t": ""}}
    return {"summary": said, **({"cell_type_meta": meta} if family == "geneformer" else {}), "features": features}


def _summary(layers: list[Layer], n_features: int) -> dict[str, Any]:
    rows = [_said(number, layer) for number, layer in enumerate(layers)]
    totals = {total: sum(row[part] for row in rows) for total, part in atlas_results.TOTALS.items()}
    sizes = {"n_layers": len(layers), "n_features_per_layer": n_features}
    return {"total_features": n_features * len(layers), **totals, **sizes, "layers": rows}


def _said(number: int, layer: Layer) -> dict[str, Any]:
    features = layer["features"]
    alive = [one for one in features if not one["d"]]
    aligned = sum(one["sv"] for one in features)
    annotated = sum(one["na"] > 0 for one in features)
    return {
        "layer": number,
        "alive": len(alive),
        "dead": len(features) - len(alive),
        "annotated": annotated,
        "annotation_rate": round(annotated / len(alive), 4),
        "n_modules": len(layer["modules"]),
        "n_svd_aligned": aligned,
        "n_novel": len(alive) - aligned,
        "ontology_counts": atlas_results.ontology_counts(layer["annotations"]),
        "mean_feature_cosine": 0.0366,
        "variance_explained": 0.8619,
    }
