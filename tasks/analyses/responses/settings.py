"""Settings of step ``responses``: what was done to which cell, and which responses are measured."""

import re
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from tasks.cells.settings import CellsSettings, Wanted
from tasks.section import LOCAL, Section


class PerturbationColumns(Section):
    """Which obs columns say what was done to a cell, and how they are read."""

    column: str | None = Field(
        None, description="obs column that names what was switched off in each cell: a gene, or a guide against it."
    )
    control: str | tuple[str, ...] = Field(
        "non-targeting", description="What the column says of cells in which nothing was switched off; a list of these."
    )
    line: str | None = Field(
        None, description="obs column with the cell line or donor; responses are measured within each. Unset: one line."
    )
    batch: str | None = Field(
        None, description="obs column with the batch: cells are held against control cells of their own batch alone."
    )
    guide: str | None = Field(None, description="obs column with the guide, of which those of a gene are counted.")
    separator: str = Field("+", min_length=1, description="What stands between genes that were switched off together.")
    suffix: str | None = Field(
        None,
        description="Regular expression of what follows the gene in the name of a guide, such as _sg[0-9]+ or _.*: it "
        "is taken off, so that several guides are one perturbation.",
    )

    @property
    def controls(self) -> frozenset[str]:
        """Labels of control cells."""
        return frozenset([self.control] if isinstance(self.control, str) else self.control)

    @field_validator("suffix")
    @classmethod
    def _compiles(cls, suffix: str | None) -> str | None:
        try:
            re.compile(suffix or "")
        except re.error as error:
            raise ValueError(f"it is no regular expression: {error}") from None
        return suffix

    @model_validator(mode="after")
    def _control_named(self) -> Self:
        if not self.controls or "" in self.controls:
            raise ValueError("control names no label: say what the column calls control cells")
        return self


class ResponsesSettings(PerturbationColumns):
    """Which cells were perturbed, and which responses are measured."""

    path: Annotated[str | tuple[str, ...] | None, LOCAL] = Field(
        None, description="Raw counts of the screen, in any format of cells.path; unset, all cells of cells.path."
    )
    where: Wanted = Field(
        default_factory=dict, description="Keep cells whose obs column has this value, or one of these values."
    )
    counts: str | None = Field(None, description="Where the raw counts are, as in cells.counts, if path is set.")
    recover: bool = Field(
        False, description="Take counts back from log1p of counts per a common total, as in cells.recover."
    )
    min_cells: int = Field(
        20, ge=2, description="Perturbations with fewer cells beside control cells of their batch are not measured."
    )
    min_counts: float = Field(
        10.0, gt=0, description="Genes of which fewer counts are expected without the perturbation are not measured."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate, over the genes of a perturbation.")

    def reading(self, cells: CellsSettings) -> CellsSettings:
        """How files of the screen are read."""
        if self.path is None:
            return cells
        return CellsSettings(path=self.path, counts=self.counts, recover=self.recover)
