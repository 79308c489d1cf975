"""Which files hold the weights of a Hugging Face directory: one, or several named by an index."""

from pathlib import Path

from tasks.store import RequestError
from tasks.vocabulary.files import COMPLETE, opened, read_json_dictionary

WHOLE = ("model.safetensors", "pytorch_model.bin")
INDEX = ".index.json"


def weight_files(model_dir: Path) -> list[Path]:
    """The files of weights, in the order in which Hugging Face looks for them: safetensors first, one file first.

    Raises RequestError if there is none, or if an index names a file that is missing or lies elsewhere.
    """
    for name in WHOLE:
        path, index = model_dir / name, model_dir / f"{name}{INDEX}"
        if path.exists() or path.is_symlink():
            return [opened(path)]
        if index.is_file():
            return [opened(model_dir / part, f"{index.name} names it: {COMPLETE}") for part in _parts(index)]
    raise RequestError(f"{model_dir} lacks {' or '.join(WHOLE)}, whole or with {INDEX[1:]}: {COMPLETE}")


def _parts(index: Path) -> list[str]:
    """The files that an index gives its weights to."""
    placed = read_json_dictionary(index).get("weight_map")
    if not isinstance(placed, dict) or not placed or not all(isinstance(name, str) for name in placed.values()):
        raise RequestError(f"{index} has no weight_map of files by weight: fetch it anew")
    parts = sorted(set(placed.values()))
    for name in parts:
        if name != Path(name).name or Path(name).suffix != Path(index.name.removesuffix(INDEX)).suffix:
            raise RequestError(f"{index} names the file {name!r}, which is none of this directory: fetch it anew")
    return parts
