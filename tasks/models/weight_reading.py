"""Reading files of weights, safetensors or what ``torch.save`` wrote, without running anything that they hold."""

import json
import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from tasks.models.weights import named_tensors
from tasks.store import RequestError
from tasks.vocabulary.files import COMPLETE, opened, unreadable

DAMAGED = (SafetensorError, RuntimeError, EOFError, ValueError, KeyError)
ARCHIVE = b"PK"  # a zip archive, as PyTorch has written since 1.6; older files cannot be mapped
SCALED = ("F8", "F4", "I8", "U8", "I4", "U4")  # kinds of numbers that quantised weights have
HEADER = 8  # bytes of a safetensors file that give the length of its header


def read_parts(paths: list[Path], what: str) -> dict[str, Tensor]:
    """Tensors by name, of all files of one model. Raises RequestError if two files hold the same name."""
    found: dict[str, Tensor] = {}
    for path in paths:
        part = read_weights(path, what)
        if twice := sorted(found.keys() & part.keys()):
            raise RequestError(f"{path} holds weight {twice[0]}, which another file holds too: fetch all anew")
        found |= part
    return found


def read_weights(path: Path, what: str) -> dict[str, Tensor]:
    """Tensors by name, of a safetensors file or a pickle. Raises RequestError for a file that is no ``what``."""
    weights = _read_safetensors(path) if path.suffix == ".safetensors" else read_saved(path)
    return named_tensors(weights, path, what)


def read_saved(path: Path, advice: str = COMPLETE) -> object:
    """What ``torch.save`` wrote: tensors in plain containers, on the CPU, mapped from the file where that can be.

    Raises RequestError for a file that cannot be read, or that holds anything else; nothing in it is run.
    """
    start = _start(path, advice)
    if _is_safetensors(start):
        raise RequestError(f"{path} is a safetensors file: name it model.safetensors, or fetch {path.name} anew")
    try:
        mapped = start.startswith(ARCHIVE)
        found: object = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError:
        raise RequestError(f"{path} holds more than tensors: it was not read further, fetch it anew") from None
    except OSError as error:
        raise unreadable(path, error) from None
    except DAMAGED as error:
        raise RequestError(f"{path} cannot be read ({_first_line(error)}): fetch it anew") from None
    return found


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    start = _start(path, COMPLETE)
    if start.startswith(ARCHIVE):
        raise RequestError(f"{path} was written by torch.save and is no safetensors file: fetch it anew")
    check_header(path)
    try:
        return load_file(path)
    except OSError as error:
        raise unreadable(path, error) from None
    except DAMAGED as error:
        raise RequestError(f"{path} cannot be read ({_first_line(error)}): fetch it anew") from None


def _start(path: Path, advice: str) -> bytes:
    with opened(path, advice).open("rb") as file:
        return file.read(HEADER + 1)


def _is_safetensors(start: bytes) -> bool:
    return len(start) > HEADER and start[HEADER:] == b"{" and int.from_bytes(start[:HEADER], "little") < 1 << 40


def check_header(path: Path) -> None:
    """Hold a safetensors file against its header, without its weights; a file of another kind is left to its reader.

    Raises RequestError if the header promises more bytes than there are, or numbers that need scales from elsewhere.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(HEADER), "little")
        try:
            tensors = json.loads(file.read(length)) if length <= size else {}
            about = {name: told for name, told in tensors.items() if name != "__metadata__"}
            promised = HEADER + length + max((told["data_offsets"][1] for told in about.values()), default=0)
            scaled = [name for name, told in about.items() if str(told["dtype"]).startswith(SCALED)]
        except (ValueError, LookupError, TypeError, AttributeError):
            return  # no header: the reader says so
    if about and size < promised:
        raise RequestError(f"{path} is cut off: {size:,} of {promised:,} bytes are there: fetch it anew")
    if scaled:
        kind = about[scaled[0]]["dtype"]
        raise RequestError(f"{path}: {scaled[0]} is {kind}: give the weights as float32, float16 or bfloat16")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
