"""What an import lacks: missing files, and files that cannot be read without what is missing."""

from collections.abc import Iterator
from typing import Any

from tasks.atlas.atlas import Atlas
from tasks.atlas.files import AtlasFile, layer_file
from tasks.atlas.reading import Tables, read_json
from tasks.store import table_frame

LOST_AND_KEPT = {
    "features": ("the layer, and all rows of other files that refer to it", "the layer's line in the summary"),
    "annotations": (
        "all annotation rows, the genes ranked 6 to 20 and their firings",
        "label, its ontology, number of annotations and five genes of every feature",
    ),
    "celltypes": ("cell types, tissues and top cells of the features", "nothing"),
    "positions": ("the places of the features on the published picture", "modules, which are all that it shows"),
    "modules": ("labels of modules", "the module of every feature"),
    "cross_layer_graph": ("links between the features of different layers", "nothing"),
    "cross_layer_tracking": ("persistence of directions over layers", "nothing"),
    "causal_patching": ("effects of switching features off", "nothing"),
    "perturbation_response": ("answers of features to genes switched off", "nothing"),
    "novel_clusters": ("clusters of features without annotation", "the features without annotation"),
    "svd_comparison": ("variance in singular vectors", "which features are aligned with one"),
    "gene_index": ("nothing", "table feature_gene holds the same"),
    "ontology_index": ("nothing, where annotations are there", "table annotation holds the same"),
}
ON_ONE_LAYER = ("causal_patching", "perturbation_response")


def files_and_gaps(atlas: Atlas) -> Tables:
    """Tables import_file and import_gap."""
    gaps = [*_missing(atlas), *_unread_layers(atlas), *_unnamed_layers(atlas)]
    return {"import_file": table_frame("import_file", _files(atlas)), "import_gap": table_frame("import_gap", gaps)}


def _files(atlas: Atlas) -> list[dict[str, Any]]:
    every = {file.name: file for layer in atlas.summary.layers for file in _of_layer(layer)}
    rows = []
    for name, sha256 in atlas.files.items():
        file = every.get(name, AtlasFile(name, name.removesuffix(".json"), None))
        n_bytes = (atlas.folder / name).stat().st_size
        rows.append({"file": name, "kind": file.kind, "layer": file.layer, "n_bytes": n_bytes, "sha256": sha256})
    return rows


def _of_layer(layer: int) -> list[AtlasFile]:
    return [layer_file(layer, kind) for kind in ("features", "annotations", "celltypes", "positions")]


def _missing(atlas: Atlas) -> Iterator[dict[str, Any]]:
    for file in atlas.missing():
        n_lost = None
        if file.kind == "annotations" and file.layer is not None:
            n_lost = sum(atlas.summary.layers[file.layer]["ontology_counts"].values())
        yield _gap(file, "no such file", n_lost)


def _unread_layers(atlas: Atlas) -> Iterator[dict[str, Any]]:
    """Files of layers whose features are missing."""
    for layer in set(atlas.summary.layers) - set(atlas.layers):
        yield from (_gap(file, "layer without features") for file in _of_layer(layer) if atlas.has(file))


def _unnamed_layers(atlas: Atlas) -> Iterator[dict[str, Any]]:
    """Results on one layer that do not say which, in an atlas that is not known, or on a layer without features."""
    for kind in ON_ONE_LAYER:
        path = atlas.path(kind)
        if path is not None:
            layer = atlas.named_layer(kind, dict(read_json(path)))
            if layer is None:
                yield _gap(AtlasFile(path.name, kind, None), "layer not named")
            elif layer not in atlas.layers:
                yield _gap(AtlasFile(path.name, kind, layer), "layer without features")


def _gap(file: AtlasFile, reason: str, n_rows_lost: int | None = None) -> dict[str, Any]:
    lost, survives = LOST_AND_KEPT[file.kind]
    about = {"file": file.name, "kind": file.kind, "layer": file.layer}
    return about | {"reason": reason, "lost": lost, "survives": survives, "n_rows_lost": n_rows_lost}
