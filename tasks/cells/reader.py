"""Read a finished ``cells`` step folder: counts, tokens, cell and gene tables, the vocabulary used."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.sparse import csr_matrix

from tasks.cells.spelling import spell
from tasks.store import StepFolder
from tasks.store.at_hand import at_hand
from tasks.vocabulary.vocabulary import ENCODING_FILE, MEDIAN_FILE, TOKEN_FILE, Vocabulary

COUNTS_FILE = "counts.safetensors"
TOKENS_FILE = "tokens.safetensors"
VOCABULARY_FOLDER = "vocabulary"
OBS_TABLE = "cell_obs"
TISSUE = "tissue"  # the obs column that names tissues, in published atlases and in studies that keep it
OBS_SCHEMA = {"cell_id": pl.UInt32, "key": pl.String, "value": pl.String, "number": pl.Float64, "kind": pl.String}


@dataclass(frozen=True)
class TokenizedCells:
    """Token sequences of n cells, one after the other.

    ``tokens`` int32 [N]; ``offsets`` int64 [n+1], cell i is ``tokens[offsets[i]:offsets[i+1]]``;
    ``cell_id`` uint32 [n], ascending; ``values`` float32 [N] for a model that reads a value beside each token.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    cell_id: NDArray[np.uint32]
    values: NDArray[np.float32] | None = None

    @property
    def n_cells(self) -> int:
        """How many cells there are."""
        return len(self.cell_id)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of every cell, special ones included: int64 [n]."""
        return np.diff(self.offsets)

    def cell(self, i: int) -> NDArray[np.int32]:
        """The tokens of the i-th cell."""
        return self.tokens[self.offsets[i] : self.offsets[i + 1]]

    def cell_values(self, i: int) -> NDArray[np.float32] | None:
        """The values of the i-th cell, if there are any."""
        return None if self.values is None else self.values[self.offsets[i] : self.offsets[i + 1]]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays by name, as ``tokens.safetensors`` holds them."""
        return {name: array for name, array in vars(self).items() if array is not None}


class CellsReader:
    """The chosen cells of a finished step folder, everywhere in ascending ``cell_id``."""

    def __init__(self, folder: Path) -> None:
        self._step = StepFolder.open(folder)

    def counts(self) -> csr_matrix:
        """Raw counts float32 [n_cells, n_genes]; columns are the rows of ``genes()``."""
        parts = load_file(self._step.file(COUNTS_FILE))
        shape = (len(parts["cell_id"]), int(self._step.info["n_genes"]))
        return csr_matrix((parts["data"], parts["indices"], parts["indptr"]), shape=shape)

    def tokens(self) -> TokenizedCells:
        """Token sequences of the same cells in the same order."""
        parts = load_file(self._step.file(TOKENS_FILE))
        return TokenizedCells(**parts)

    def cells(self) -> pl.DataFrame:
        """Rows of table ``cell`` for the chosen cells."""
        return self._step.read_table("cell").filter(pl.col("chosen")).sort("cell_id")

    def with_tissues(self) -> pl.DataFrame:
        """Rows of ``cells()`` with a column ``tissue``: what the obs column of that name says, NULL where nothing."""
        tissues = self.obs().filter(pl.col("key") == TISSUE).select("cell_id", pl.col("value").alias(TISSUE))
        return self.cells().join(tissues, on="cell_id", how="left", maintain_order="left")

    def obs(self) -> pl.DataFrame:
        """Rows of table ``cell_obs``: what the obs columns that the study names say of the chosen cells; maybe none."""
        if self._step.shards(OBS_TABLE):
            return self._step.read_table(OBS_TABLE)
        return pl.DataFrame(schema=OBS_SCHEMA)

    def obs_texts(self, column: str) -> dict[int, str]:
        """What an obs column that the study names says of the chosen cells, spelled as files are read: 1, never 1.0.

        Cells of which it says nothing are left out.
        """
        own = self.obs().filter(pl.col("key") == column).select("cell_id", "value", "number")
        said = ((cell, text if number is None else spell(number)) for cell, text, number in own.iter_rows())
        return {cell: text for cell, text in said if text is not None}

    @property
    def label(self) -> str:
        """The obs column from which column ``label`` of table ``cell`` is."""
        return str(self._step.info["obs"]["label"])

    def genes(self) -> pl.DataFrame:
        """Rows of table ``gene`` in the order of the count columns."""
        return self._step.read_table("gene")

    def vocabulary(self) -> Vocabulary:
        """The vocabulary that the cells were tokenised with."""
        folder = at_hand(self._step.path / VOCABULARY_FOLDER)
        optional = [ENCODING_FILE] if (folder / ENCODING_FILE).exists() else []
        for name in (TOKEN_FILE, MEDIAN_FILE, *optional):
            self._step.file(f"{VOCABULARY_FOLDER}/{name}")
        return Vocabulary.load(folder, int(self._step.info["max_length"]))
