"""The vocabulary of a model: its genes and special tokens, and how a cell's counts become tokens and values."""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tasks.vocabulary.files import read_json_dictionary

TOKEN_FILE = "token_dictionary.json"
MEDIAN_FILE = "gene_median_dictionary.json"
ENCODING_FILE = "encoding.json"  # absent: ranks of Ensembl ids, as in the published Geneformer layout
BEHIND = ("<T>", "<S>", "<eos>")  # special tokens behind the genes, in this order


@dataclass(frozen=True)
class Encoding:
    """How a model reads a cell.

    ``kind``: ``rank``, genes by descending value, no values; ``bins``, each gene's expression as one of ``n_bins`` bins
    of its cell, 0 being no count; ``log_values``, log1p of counts per 10,000. ``genes``: Ensembl ids or symbols.
    ``special_values``: the value beside a special token, and of ``<mask>`` the value that hides a gene's own.
    """

    kind: Literal["rank", "bins", "log_values"] = "rank"
    genes: Literal["ensembl", "symbol"] = "ensembl"
    n_bins: int = 0
    special_values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """Genes by Ensembl id or symbol. Tokens of genes and of special tokens (``<pad>``, ``<mask>``, …) never overlap.

    ``median_of`` holds the median of a gene's non-zero counts per 10,000, the divisor of the rank-value encoding; it is
    empty for other encodings. ``max_length`` counts tokens, special ones included.
    """

    token_of: dict[str, int]
    median_of: dict[str, float]
    special: dict[str, int]
    max_length: int
    encoding: Encoding = Encoding()

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

    @property
    def reads_values(self) -> bool:
        """Whether the model reads a value beside each token."""
        return self.encoding.kind != "rank"

    @property
    def leaves_out(self) -> bool:
        """Whether a cell whose gene is hidden is shown without it, in place of a mask: the encoder reads no mask."""
        return self.encoding.kind == "log_values"

    @property
    def front(self) -> list[str]:
        """Special tokens before the genes of a cell."""
        return [name for name in ("<cls>", "<bos>") if name in self.special]

    @property
    def behind(self) -> list[str]:
        """Special tokens behind the genes of a cell."""
        return [name for name in BEHIND if name in self.special]

    @property
    def room(self) -> int:
        """The most genes of one cell that the model reads."""
        return self.max_length - len(self.front) - len(self.behind)

    def special_value(self, name: str) -> float:
        """The value beside a special token, 0 where the model gives none."""
        return self.encoding.special_values.get(name, 0.0)

    @cached_property
    def gene_of(self) -> dict[int, str]:
        """Gene id by token; special tokens are absent."""
        return {token: gene for gene, token in self.token_of.items()}

    @classmethod
    def load(cls, folder: Path, max_length: int) -> "Vocabulary":
        """Read the JSON dictionaries that ``save`` wrote into ``folder``.

        Raises RequestError if a dictionary is missing or is not one.
        """
        tokens, medians = (read_json_dictionary(folder / name) for name in (TOKEN_FILE, MEDIAN_FILE))
        path = folder / ENCODING_FILE
        encoding = Encoding(**read_json_dictionary(path)) if path.is_file() else Encoding()
        return cls.from_dictionaries(tokens, medians, max_length, encoding)

    @classmethod
    def from_dictionaries(
        cls, tokens: dict[str, Any], medians: dict[str, Any], max_length: int, encoding: Encoding = Encoding()
    ) -> "Vocabulary":
        """From a model's dictionaries; token keys that start with ``<`` are special tokens."""
        return cls(
            token_of={gene: int(token) for gene, token in tokens.items() if not gene.startswith("<")},
            median_of={gene: float(median) for gene, median in medians.items()},
            special={name: int(token) for name, token in tokens.items() if name.startswith("<")},
            max_length=max_length,
            encoding=encoding,
        )

    def documents(self) -> dict[str, str]:
        """The dictionaries as JSON texts by file name, in the published layout, in token order."""
        tokens = sorted({**self.special, **self.token_of}.items(), key=lambda item: item[1])
        medians = {gene: self.median_of[gene] for gene, _ in tokens if gene in self.median_of}
        texts = {TOKEN_FILE: json.dumps(dict(tokens), indent=0), MEDIAN_FILE: json.dumps(medians, indent=0)}
        if self.encoding != Encoding():
            texts[ENCODING_FILE] = json.dumps(asdict(self.encoding))
        return texts

    def save(self, folder: Path) -> None:
        """Write the dictionaries into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.documents().items():
            (folder / name).write_text(text)
