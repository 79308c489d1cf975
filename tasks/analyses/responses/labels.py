"""What was done to every cell: its perturbation, its line, its batch, and whether it is a control cell.

1. A label is split at ``separator``, and from each part what matches ``suffix`` at its end is taken off. Parts that
   are controls fall away: a label of nothing else is a control cell, and GENE+control is GENE.
2. What is left, sorted and joined by ``+``, names the perturbation: several guides against a gene are one, and genes
   that were switched off together are one of their own.
3. A cell without a label, a line or a batch, where the study names such a column, is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.responses.settings import PerturbationColumns, ResponsesSettings
from tasks.cells.files import CellFiles
from tasks.cells.select import filter_cells, listed
from tasks.cells.settings import CellsSettings
from tasks.cells.sources import find_files
from tasks.store import RequestError

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
CONTROL, LEFT_OUT = -1, -2
ONE_LINE = "all"


@dataclass(frozen=True)
class CellLabels:
    """Labels of n cells as numbers: ``perturbation`` [n] from 0, CONTROL or LEFT_OUT; ``line`` and ``batch`` [n].

    ``names``: what the perturbations are called, ascending; ``lines`` and ``batches`` likewise. ``n_guides`` by name,
    None where guides are not told apart.
    """

    perturbation: Ints
    line: Ints
    batch: Ints
    names: list[str]
    lines: list[str]
    batches: list[str]
    n_guides: list[int] | None

    @property
    def stratum(self) -> Ints:
        """Line and batch together: [n], from 0 to lines times batches - 1."""
        return self.line * len(self.batches) + self.batch


def perturbation_of(label: str, settings: PerturbationColumns) -> tuple[str, ...]:
    """The genes that a label names, sorted; none for a control cell."""
    if label in settings.controls:
        return ()
    parts = (part.strip() for part in label.split(settings.separator))
    return tuple(sorted({gene for part in parts if (gene := _gene(part, settings)) not in settings.controls} - {""}))


def _gene(part: str, settings: PerturbationColumns) -> str:
    if part in settings.controls or settings.suffix is None:
        return part
    return re.sub(f"(?:{settings.suffix})$", "", part)


def number_labels(
    settings: PerturbationColumns, label: Texts, line: Texts | None, batch: Texts | None, guide: Texts | None
) -> CellLabels:
    """Numbers of cells' texts [n], None where a cell has none. A column that is not named is None."""
    distinct, place = np.unique(label[label != None], return_inverse=True)  # noqa: E711 - elementwise
    genes = [perturbation_of(str(one), settings) for one in distinct]
    names = sorted({"+".join(one) for one in genes if one})
    number = {name: i for i, name in enumerate(names)}
    of_label = np.array([number["+".join(one)] if one else CONTROL for one in genes], dtype=np.int64)
    perturbation = np.full(len(label), LEFT_OUT, dtype=np.int64)
    perturbation[label != None] = of_label[place]  # noqa: E711 - elementwise
    lines, of_line = _numbers(line, len(label))
    batches, of_batch = _numbers(batch, len(label))
    perturbation[(of_line < 0) | (of_batch < 0)] = LEFT_OUT
    told = guide if guide is not None else label if settings.suffix is not None else None
    return CellLabels(
        perturbation, of_line, of_batch, names, lines, batches, _count_guides(perturbation, told, len(names))
    )


def _numbers(text: Texts | None, n: int) -> tuple[list[str], Ints]:
    """Distinct texts, and the place of each cell's; -1 where a cell has none."""
    if text is None:
        return [ONE_LINE], np.zeros(n, dtype=np.int64)
    known = text != None  # noqa: E711 - elementwise
    distinct, place = np.unique(text[known].astype(str), return_inverse=True)
    numbers = np.full(n, -1, dtype=np.int64)
    numbers[known] = place
    return distinct.tolist(), numbers


def _count_guides(perturbation: Ints, guide: Texts | None, n: int) -> list[int] | None:
    if guide is None:
        return None
    told = (perturbation >= 0) & (guide != None)  # noqa: E711 - elementwise
    pairs = set(zip(perturbation[told].tolist(), guide[told].tolist(), strict=True))
    of_guide = np.array([own for own, _ in pairs], dtype=np.int64)
    return [int(count) for count in np.bincount(of_guide, minlength=n)]


def label_cells(files: CellFiles, settings: ResponsesSettings) -> CellLabels:
    """Labels of all cells of open files; those that ``where`` does not want are left out.

    Raises RequestError for a column or control label that is not there, where nothing is perturbed, and where no
    label names a gene.
    """
    if settings.column is None:
        raise RequestError("responses.column names no obs column: say which one tells what was switched off")
    named = {"column": settings.column, "line": settings.line, "batch": settings.batch, "guide": settings.guide}
    text = {
        key: None if column is None else files.column(column, f"responses.{key}").text for key, column in named.items()
    }
    label = np.array(text["column"], dtype=object)
    if unknown := sorted(settings.controls - set(label)):
        known = sorted({str(one) for one in label if one is not None})
        raise RequestError(
            f"responses.control: no cell of {files.name} has {settings.column} = {unknown[0]}: there are "
            f"{listed(known)}: name what the column calls control cells"
        )
    label[~filter_cells(files, settings.where, "responses.where")] = None
    found = number_labels(settings, label, text["line"], text["batch"], text["guide"])
    _require_use(found, files, settings)
    return found


def _require_use(found: CellLabels, files: CellFiles, settings: ResponsesSettings) -> None:
    if not found.names:
        raise RequestError(f"responses.column: {settings.column} of {files.name} says of no cell what was switched off")
    known = known_genes(files)
    single = [name for each in found.names for name in each.split("+")]
    if not any(name.upper() in known for name in single):
        raise RequestError(
            f"responses.column: none of the {len(found.names)} labels in {settings.column} names a gene of "
            f"{files.name} ({listed(found.names[:3])}; genes are {listed(files.genes.frame['symbol'].to_list()[:3])}): "
            "say in responses.suffix what follows the gene in the name of a guide"
        )
    controls = set(found.stratum[found.perturbation == CONTROL].tolist())
    perturbed = set(found.stratum[found.perturbation >= 0].tolist())
    if not controls & perturbed:
        raise RequestError(
            f"responses.batch: no perturbed cell of {files.name} has a control cell in its line and batch: name other "
            "columns, or leave responses.batch out"
        )


def known_genes(files: CellFiles) -> dict[str, int]:
    """Column of every gene by id and by symbol, in upper case; of two with one symbol the first."""
    return gene_places(files.genes.frame["gene_id"].to_list(), files.genes.frame["symbol"].to_list())


def gene_places(ids: Sequence[str], symbols: Sequence[str]) -> dict[str, int]:
    """Place of every gene by id and by symbol, in upper case; of two with one name the first."""
    place: dict[str, int] = {}
    for names in (symbols, ids):
        for i, name in enumerate(names):
            place.setdefault(name.upper(), i)
    return place


def read_labels(settings: ResponsesSettings, cells: CellsSettings) -> CellLabels:
    """Labels of the cells of the screen, read without their counts. Raises RequestError as ``label_cells`` does."""
    reading = settings.reading(cells)
    if reading.values not in ("counts", "integers"):
        raise RequestError(f"responses need raw counts, and cells.values says there are {reading.values}")
    with CellFiles.open(find_files(reading.paths), reading) as files:
        return label_cells(files, settings)
