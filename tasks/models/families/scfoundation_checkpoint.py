"""Reading ``models.ckpt`` of scFoundation: three models, of which ``cell`` gives states and embeddings of cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from torch import Tensor

from tasks.models.weight_reading import read_saved
from tasks.models.weights import named_tensors, renamed
from tasks.store import RequestError
from tasks.vocabulary.files import opened

ENTRY, MODEL, DATA = "cell", "mae_autobin", "rnaseq"
WHAT = "scFoundation checkpoint of the published kind"
PREFIX = "model."
DECODER = ("decoder", "norm.", "to_final.")  # the side that predicts: a Performer, which is not implemented


@dataclass(frozen=True)
class EncoderShape:
    """What the configuration says of the encoder; the other sizes are those of the weights."""

    n_layers: int
    n_heads: int
    bin_alpha: float


def read_shape(path: Path) -> EncoderShape:
    """The encoder's shape, read once a process as long as the file stays the same. Raises RequestError."""
    stat = opened(path).stat()
    return _read_shape(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=8)
def _read_shape(path: Path, _size: int, _mtime: int) -> EncoderShape:
    return encoder_shape(read_entry(path)["config"], path)


def read_entry(path: Path) -> dict[str, Any]:
    """Configuration and weights of the entry for cells. Raises RequestError if the file has no such entry."""
    entries = read_saved(path)
    entry = entries.get(ENTRY) if isinstance(entries, dict) else None
    if not isinstance(entry, dict) or not {"config", "state_dict"} <= entry.keys():
        raise RequestError(f"{path} has no entry {ENTRY} with config and state_dict: it is no {WHAT}")
    return entry


def encoder_shape(config: Mapping[str, Any], path: Path) -> EncoderShape:
    """The flattened configuration: the settings of the named model, then those of the data."""
    try:
        flat = {**config["model_config"][config["model"]], **config["dataset_config"][DATA]}
        encoder = flat["encoder"]
        shape = EncoderShape(int(encoder["depth"]), int(encoder["heads"]), float(flat["bin_alpha"]))
        kind, name = encoder["module_type"], config["model"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(f"{path}: its configuration gives no {error}: it is no {WHAT}") from None
    if (name, kind) != (MODEL, "transformer") or encoder.get("norm_first", False):
        raise RequestError(f"{path}: a model {name} with a {kind} encoder is not implemented, only {MODEL}, post-norm")
    return shape


def encoder_weights(entry: dict[str, Any], path: Path) -> dict[str, Tensor]:
    """Weights of the encoder by name, without the prefix that ends in ``model.`` and without the decoder's."""
    given = named_tensors(entry["state_dict"], path, WHAT)
    plain = renamed(given, lambda name: name.partition(PREFIX)[2] or name, path)
    return {name: weight for name, weight in plain.items() if not name.startswith(DECODER)}
