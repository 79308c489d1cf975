"""Deposited results of steering, one JSON file a feature, read into the tables that our own steering fills.

A folder ``P2_steering`` (or its ``features``) holds ``L<layer>_F<feature>.json``: the feature's d and kind, and by
multiplier the values of every read-out in single cells. All figures are then computed anew from these values by the
arithmetic of our own runs (``aggregate``); the means that the files print must agree with it.

Files name neither the model nor how many layers it has. They were made with Geneformer V2-316M; that is assumed, and
said among the gaps of the import, since only with its 18 layers is the last one known to be degenerate.
"""

from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.steering.aggregate import summarise
from tasks.analyses.steering.deposit_step import Deposit, DepositSettings, find_deposit
from tasks.analyses.steering.findings import findings
from tasks.analyses.steering.step import FEATURE
from tasks.atlas.reading import Tables, read_file
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame

READOUTS = {
    "delta_s_global": "signature",
    "delta_s_bone_marrow": "signature_bone_marrow",
    "delta_s_blood_spleen": "signature_blood_spleen",
    "marker_score": "marker",
    "delta_p_terminal": "probability",
    "delta_pseudotime": "pseudotime",
}
MODEL_ID, N_LAYERS, N_FEATURES = "geneformer-v2-316m-published", 18, 4608
MODEL = {"model_id": MODEL_ID, "family": "geneformer", "name": "Geneformer V2-316M", "stand_in": False}
MIN_CELLS = 10  # below it, the published comparisons leave a feature out
ROUNDING = 1e-6
WRITER = "the deposit of a steering study"


def import_deposit(settings: DepositSettings, _inputs: Inputs, out: StepFolder) -> Info:
    """Read deposited files into tables. Raises RequestError, naming the file, if one is not as it should be."""
    deposit = find_deposit(settings.source)
    if deposit is None:
        raise RequestError(f"{settings.source} holds no file L<layer>_F<feature>.json: give the folder that does")
    if not out.has("deposit"):
        tables = read_deposit(deposit)
        with out.unit("deposit") as unit:
            for table, frame in tables.items():
                unit.table(table, frame)
    return {"n_features": len(deposit.paths), "model_id": MODEL_ID}


def read_deposit(deposit: Deposit) -> Tables:
    """All tables. Raises RequestError for a file that is not as the deposit writes it."""
    features: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    for name, path in deposit.paths.items():
        with read_file(path, WRITER) as raw:
            feature = _feature(name, raw)
            features.append(feature)
            about = {column: feature[column] for column in ("sae_id", "layer", "feature", "kind")}
            values += [about | row for row in _values(raw)]
    panel = table_frame("steering_feature", features).with_columns(
        rank=pl.col("d").abs().rank("ordinal", descending=True).over("layer", "kind")
    )
    cells = table_frame("steering_value", values)
    summary = summarise(cells, N_LAYERS - 1)
    return {**_origin(deposit, panel), "steering_feature": panel, "steering_value": cells} | findings(
        summary, MIN_CELLS, seed=0
    )


def _feature(name: str, raw: dict[str, Any]) -> dict[str, Any]:
    layer, feature, d = int(raw["layer"]), int(raw["idx"]), float(raw["d"])
    if name != f"L{layer}_F{feature}.json":
        raise ValueError(f"it says layer {layer} and feature {feature}")
    if layer >= N_LAYERS or feature >= N_FEATURES:
        raise ValueError(f"{MODEL['name']}, whose files these are taken for, has no feature {feature} of layer {layer}")
    if raw["kind"] != ("ON" if d > 0 else "OFF"):
        raise ValueError(f"kind {raw['kind']} does not go with d = {d:g}")
    known = {"sae_id": _sae_id(layer), "layer": layer, "feature": feature, "kind": raw["kind"], "d": d}
    return {**known, "rank": 1, "share_active": None, "partner": None}


def _values(raw: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for text, by_readout in raw["alphas"].items():
        multiplier = float(text)
        if multiplier == 1:
            raise ValueError("a multiplier of 1 changes nothing")
        for key, readout in READOUTS.items():
            if key in by_readout:
                values = _checked(by_readout[key], int(by_readout["n_cells"]), f"{key} at {text}")
                same = {"arm": FEATURE, "multiplier": multiplier, "readout": readout, "cell_id": None, "dose": None}
                rows += [{**same, "place": place, "value": value} for place, value in enumerate(values)]
    if not rows:
        raise ValueError(f"it has none of the read-outs {', '.join(READOUTS)}")
    return rows


def _checked(said: dict[str, Any], n_cells: int, where: str) -> list[float]:
    """The values of single cells, which must be as many as ``n_cells`` and give the figures printed beside them."""
    values = np.array(said["values"], dtype=np.float64)
    if len(values) != n_cells or not np.isfinite(values).all():
        raise ValueError(f"{where} has {int(np.isfinite(values).sum())} numbers for {n_cells} cells")
    own = {"mean": values.mean(), "sd": values.std(), "frac_positive": (values > 0).mean()}
    for name, value in own.items():
        if abs(float(said[name]) - value) > ROUNDING * (1 + abs(value)):
            raise ValueError(f"{where} says {name} {said[name]:g}, its values give {value:g}")
    found: list[float] = values.tolist()
    return found


def _sae_id(layer: int) -> str:
    return f"L{layer:02d}-published{N_FEATURES}"


def _origin(deposit: Deposit, panel: pl.DataFrame) -> Tables:
    """Tables model, sae, import_file and import_gap."""
    layers = panel["layer"].unique().sort().to_list()
    known = {"model_id": MODEL_ID, "variant": "topk", "d_model": 1152, "n_features": N_FEATURES, "k": 32}
    rest = {"fvu": None, "n_dead": None, "dead_fraction": None, "described": False}
    gap = {
        "file": "model",
        "kind": "steering_feature",
        "layer": None,
        "reason": "model not named",
        "lost": f"which model was steered: {MODEL['name']} of {N_LAYERS} layers is assumed, as in the deposit known",
        "survives": "all values of single cells",
        "n_rows_lost": None,
    }
    files = [
        {"file": name, "kind": "steering_feature", "layer": int(name[1 : name.index("_")]), "sha256": sha256}
        | {"n_bytes": deposit.paths[name].stat().st_size}
        for name, sha256 in deposit.files.items()
    ]
    return {
        "model": table_frame("model", [{**MODEL, "n_layers": N_LAYERS}]),
        "sae": table_frame("sae", [{"sae_id": _sae_id(layer), "layer": layer, **known, **rest} for layer in layers]),
        "import_file": table_frame("import_file", files),
        "import_gap": table_frame("import_gap", [gap]),
    }
