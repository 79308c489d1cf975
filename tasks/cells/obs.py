"""One obs column over all cells: what kind it is, which values are missing, and one spelling for equal values.

1. Missing are NaN, None and NA, and text that stands for them: what ``pandas.read_csv`` takes for missing, NaT, and
   empty text. Words that a curator may have meant, such as unknown or none, are values, and the run names them where
   they are labels (``doubtful.py``). Blanks around text are no part of it.
2. A number is what its column's own precision says: 0.1 in a float32 column is 0.1, not 0.10000000149011612.
3. A column of integers too large to be exact in double precision (beyond 2^53) is one of categories: such are names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.cells.settings import ObsValue
from tasks.cells.spelling import spell

Kind = Literal["category", "number", "boolean"]

MISSING = frozenset(
    {
        *("", "nan", "NaN", "-nan", "-NaN", "NAN", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "None"),
        *("null", "NULL", "NaT", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    }
)
LARGEST_EXACT = 2**53


@dataclass(frozen=True)
class ObsColumn:
    """``text`` object [n]: one spelling per value, None where missing; ``number`` float64 [n]: NaN where missing, and
    everywhere in other kinds."""

    kind: Kind
    text: NDArray[np.object_]
    number: NDArray[np.float64]

    @classmethod
    def of(cls, values: pd.Series) -> "ObsColumn":
        """A column as it was read from a file."""
        if isinstance(values.dtype, pd.CategoricalDtype):
            names = [*cls.of(pd.Series(values.cat.categories)).text, None]  # code -1, the last, is missing
            return cls.category(np.array(names, dtype=object)[values.cat.codes.to_numpy()])
        missing = values.isna().to_numpy()
        present = values[~missing]
        if pd.api.types.is_bool_dtype(values.dtype):
            return cls("boolean", _fill(missing, [spell(bool(value)) for value in present]), _nan(len(values)))
        if not pd.api.types.is_numeric_dtype(values.dtype):
            return cls.category(_fill(missing, [spell(str(value)) for value in present]))
        plain = getattr(values.dtype, "numpy_dtype", values.dtype)  # of a column that may lack values, the type without
        distinct, places = np.unique(present.to_numpy(dtype=plain), return_inverse=True)
        exact = [_exact(value) for value in distinct]
        text = _fill(missing, np.array([spell(value) for value in exact], dtype=object)[places])
        if any(isinstance(value, int) and abs(value) > LARGEST_EXACT for value in exact):
            return cls.category(text)
        number = _nan(len(values))
        number[~missing] = np.array(exact, dtype=np.float64)[places]
        return cls("number", text, number)

    @classmethod
    def category(cls, text: NDArray[np.object_]) -> "ObsColumn":
        """A column of text, some of which may say that a value is missing."""
        kept = [None if value is None or value.strip() in MISSING else value.strip() for value in text]
        return cls("category", np.array(kept, dtype=object), _nan(len(text)))

    @classmethod
    def joined(cls, parts: Sequence["ObsColumn"]) -> "ObsColumn":
        """The columns of several files as one: of their kind if it is the same wherever there are values, else text."""
        kinds = {part.kind for part in parts if not part.missing.all()} or {parts[0].kind}
        text = np.concatenate([part.text for part in parts])
        if len(kinds) > 1:
            return cls.category(text)
        return cls(kinds.pop(), text, np.concatenate([part.number for part in parts]))

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Cells without a value."""
        return np.array([value is None for value in self.text], dtype=bool)

    def present(self) -> list[str]:
        """The values that there are, numbers by size and text by letter."""
        values = {value for value in self.text if value is not None}
        return sorted(values, key=float if self.kind == "number" else str)

    def spelling(self, value: ObsValue) -> str:
        """How the column spells a value of a study: text stands for the number it is where the column has numbers."""
        if self.kind == "number" and isinstance(value, str):
            try:
                return spell(float(value))
            except ValueError:
                return value
        return spell(value)


def _exact(value: np.number) -> int | float:
    """The number of fewest digits that is this one in its own precision."""
    return int(value) if isinstance(value, np.integer) else float(str(value))


def _fill(missing: NDArray[np.bool_], values: Sequence[str] | NDArray[np.object_]) -> NDArray[np.object_]:
    text = np.full(len(missing), None, dtype=object)
    text[~missing] = values
    return text


def _nan(n: int) -> NDArray[np.float64]:
    return np.full(n, np.nan)
