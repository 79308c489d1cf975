"""What a family's files say before the weights are read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class Layout:
    """How to read the model directories of one family; every function raises RequestError for a file that is missing.

    ``weights``: the files that decide what the model computes; ``dictionaries``: those that decide its vocabulary.
    """

    family: str
    n_layers: Callable[[Path], int]
    vocabulary: Callable[[Path], Vocabulary]
    weights: Callable[[Path], list[Path]]
    dictionaries: Callable[[Path], list[Path]]
