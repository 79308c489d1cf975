"""Reading the published dictionaries, which are pickles, without letting a pickle run anything."""

import io
import pickle
from pathlib import Path
from typing import Any

from tasks.store import RequestError
from tasks.vocabulary.files import opened, unreadable

NUMPY_MODULES = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
NUMPY_NAMES = ("dtype", "scalar")
BUILTIN_NAMES = ("dict", "str", "int", "float")


class _PlainUnpickler(pickle.Unpickler):
    """Builds dictionaries of text and numbers, NumPy scalars included, and nothing else."""

    def find_class(self, module: str, name: str) -> object:
        allowed = (module in NUMPY_MODULES and name in NUMPY_NAMES) or (module == "builtins" and name in BUILTIN_NAMES)
        if not allowed:
            raise pickle.UnpicklingError(f"it wants to load {module}.{name}")
        found: object = super().find_class(module, name)
        return found


def read_pickled_dictionary(path: Path) -> dict[str, Any]:
    """A pickled dictionary with text keys. Raises RequestError if the file holds anything else."""
    try:
        value = _PlainUnpickler(io.BytesIO(opened(path).read_bytes())).load()
    except RequestError:
        raise
    except OSError as error:
        raise unreadable(path, error) from None
    except Exception as error:  # a damaged pickle can raise nearly any exception
        raise RequestError(f"{path} is not a pickle of plain values ({error}): it was not read further") from None
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise RequestError(f"{path} holds no dictionary with text keys: fetch the file anew")
    return value
