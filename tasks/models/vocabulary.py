"""The vocabulary of a rank-value model: gene ids, their tokens and medians, and the special tokens."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tasks.store import RequestError

TOKEN_FILE = "token_dictionary.json"
MEDIAN_FILE = "gene_median_dictionary.json"


@dataclass(frozen=True)
class Vocabulary:
    """Genes by Ensembl id. Tokens of genes and of special tokens (``<pad>``, ``<mask>``, …) never overlap.

    ``median_of`` holds the median of a gene's non-zero counts per 10,000, the divisor of the rank-value encoding.
    ``max_length`` counts tokens, special ones included.
    """

    token_of: dict[str, int]
    median_of: dict[str, float]
    special: dict[str, int]
    max_length: int

    @property
    def size(self) -> int:
        """Rows of an embedding that holds every token: the largest token plus one."""
        return max([*self.token_of.values(), *self.special.values()]) + 1

    @property
    def pad(self) -> int:
        """The token that fills a batch up to its longest cell."""
        return self.special["<pad>"]

    @property
    def mask(self) -> int:
        """The token that hides a gene in masked-gene prediction."""
        return self.special["<mask>"]

    @cached_property
    def gene_of(self) -> dict[int, str]:
        """Gene id by token; special tokens are absent."""
        return {token: gene for gene, token in self.token_of.items()}

    @classmethod
    def load(cls, folder: Path, max_length: int) -> "Vocabulary":
        """Read the two JSON dictionaries of ``folder``.

        Raises RequestError if a dictionary is missing or is not one.
        """
        tokens = read_json_dictionary(folder / TOKEN_FILE)
        return cls.from_dictionaries(tokens, read_json_dictionary(folder / MEDIAN_FILE), max_length)

    @classmethod
    def from_dictionaries(cls, tokens: dict[str, Any], medians: dict[str, Any], max_length: int) -> "Vocabulary":
        """From the two published dictionaries; token keys that start with ``<`` are special tokens."""
        return cls(
            token_of={gene: int(token) for gene, token in tokens.items() if not gene.startswith("<")},
            median_of={gene: float(median) for gene, median in medians.items()},
            special={name: int(token) for name, token in tokens.items() if name.startswith("<")},
            max_length=max_length,
        )

    def documents(self) -> dict[str, str]:
        """The dictionaries as JSON texts by file name, in the published layout, in token order."""
        tokens = sorted({**self.special, **self.token_of}.items(), key=lambda item: item[1])
        medians = {gene: self.median_of[gene] for gene, _ in tokens if gene in self.median_of}
        return {TOKEN_FILE: json.dumps(dict(tokens), indent=0), MEDIAN_FILE: json.dumps(medians, indent=0)}

    def save(self, folder: Path) -> None:
        """Write both dictionaries into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.documents().items():
            (folder / name).write_text(text)


def read_json_dictionary(path: Path) -> dict[str, Any]:
    """A JSON object. Raises RequestError, naming the file, if it is missing or is none."""
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        raise RequestError(f"{path.parent} lacks {path.name}: give a complete model directory") from None
    except (OSError, ValueError) as error:
        raise RequestError(f"{path} is not a JSON dictionary ({error}): fetch the model directory anew") from None
    if not isinstance(value, dict):
        raise RequestError(f"{path} is not a JSON dictionary but a {type(value).__name__}: fetch the directory anew")
    return value
