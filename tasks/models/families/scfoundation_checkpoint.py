"""Reading ``models.ckpt`` of scFoundation: three models, of which ``cell`` gives states and embeddings of cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from torch import Tensor

from tasks.models.families.performer import PerformerShape
from tasks.models.weight_reading import read_saved
from tasks.models.weights import named_tensors, refuse, renamed
from tasks.store import RequestError
from tasks.vocabulary.files import opened

ENTRY, MODEL, DATA = "cell", "mae_autobin", "rnaseq"
WHAT = "scFoundation checkpoint of the published kind"
PREFIX = "model."
DECODER = ("decoder", "norm.", "to_final.")  # the side that predicts
COUNTER = "decoder.performer.calls_since_last_redraw"  # of training, which draws projections anew
FIRST = "decoder.performer.net.layers.0."
PROJECTION, FIRST_DENSE = FIRST + "0.fn.fast_attention.projection_matrix", FIRST + "1.fn.fn.w1.weight"


@dataclass(frozen=True)
class Shape:
    """What the configuration says of encoder and decoder; the other sizes are those of the weights.

    ``decoder``: how many blocks and heads; None if it is no Performer, the only kind that is implemented.
    """

    n_layers: int
    n_heads: int
    bin_alpha: float
    decoder: tuple[int, int] | None


def read_shape(path: Path) -> Shape:
    """The shape, read once a process as long as the file stays the same. Raises RequestError."""
    stat = opened(path).stat()
    return _read_shape(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=8)
def _read_shape(path: Path, _size: int, _mtime: int) -> Shape:
    return shape_of(read_entry(path)["config"], path)


def read_entry(path: Path) -> dict[str, Any]:
    """Configuration and weights of the entry for cells. Raises RequestError if the file has no such entry."""
    entries = read_saved(path)
    entry = entries.get(ENTRY) if isinstance(entries, dict) else None
    if not isinstance(entry, dict) or not {"config", "state_dict"} <= entry.keys():
        raise RequestError(f"{path} has no entry {ENTRY} with config and state_dict: it is no {WHAT}")
    return entry


def shape_of(config: Mapping[str, Any], path: Path) -> Shape:
    """The flattened configuration: the settings of the named model, then those of the data."""
    try:
        flat = {**config["model_config"][config["model"]], **config["dataset_config"][DATA]}
        encoder, decoder = flat["encoder"], flat.get("decoder", {})
        performs = decoder.get("module_type") == "performer"
        blocks = (int(decoder["depth"]), int(decoder["heads"])) if performs else None
        shape = Shape(int(encoder["depth"]), int(encoder["heads"]), float(flat["bin_alpha"]), blocks)
        kind, name = encoder["module_type"], config["model"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RequestError(f"{path}: its configuration gives no {error}: it is no {WHAT}") from None
    if (name, kind) != (MODEL, "transformer") or encoder.get("norm_first", False):
        raise RequestError(f"{path}: a model {name} with a {kind} encoder is not implemented, only {MODEL}, post-norm")
    return shape


def plain_weights(entry: dict[str, Any], path: Path) -> dict[str, Tensor]:
    """Weights by name, without the prefix that ends in ``model.`` and without the counter of training."""
    given = named_tensors(entry["state_dict"], path, WHAT)
    plain = renamed(given, lambda name: name.partition(PREFIX)[2] or name, path)
    return {name: weight for name, weight in plain.items() if name != COUNTER}


def decoder_shape(given: Mapping[str, Tensor], shape: Shape, path: Path) -> PerformerShape | None:
    """The decoder that these weights are of; None if they have none, or one of another kind.

    Raises RequestError for a part of one.
    """
    if shape.decoder is None or not any(name.startswith(DECODER) for name in given):
        return None
    refuse(path, "lacks", [name for name in (PROJECTION, FIRST_DENSE) if name not in given], WHAT)
    n_layers, n_heads = shape.decoder
    (n_random, d_head), (d_ff, d_model) = given[PROJECTION].shape, given[FIRST_DENSE].shape
    return PerformerShape(n_layers, n_heads, d_model, d_head, d_ff, n_random)
