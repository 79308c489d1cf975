"""Settings of the validate step."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from tasks.references.files import library_file, library_name
from tasks.section import LOCAL, Section


class ValidateSettings(Section):
    """What the circuits are held against, and how."""

    networks: Annotated[tuple[str, ...], LOCAL] = Field(
        default=("encode_tf",),
        min_length=1,
        description="Factor-target networks: names of bundled gene-set files, or paths of GMT files whose set names "
        "start with the factor.",
    )
    signatures: Annotated[Path | None, LOCAL] = Field(
        default=None,
        description="GMT file of genes that rise after a knock-down, sets named GENE_KD_line; none: not checked.",
    )
    effect: Literal["total", "direct"] = Field(default="total", description="Which measured effect makes the edges.")
    top_genes: int = Field(default=10, ge=1, le=1000, description="Genes of a feature's list that stand for it.")
    max_pairs: int = Field(default=200_000, ge=1, description="Gene pairs kept, those with the largest score.")
    min_set: int = Field(
        default=5, ge=2, description="Fewest genes of a known set among the predicted genes for it to be tested."
    )
    n_null: int = Field(default=500, ge=100, description="Null draws of each comparison.")
    seed: int = Field(default=0, ge=0, description="Seed of the null draws.")

    @field_validator("networks")
    @classmethod
    def _distinct(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        if len({library_name(name) for name in networks}) < len(networks):
            raise ValueError(f"two networks have the same name in {list(networks)}: rename one file")
        return networks

    def network_files(self) -> dict[str, Path]:
        """The file of every network by the network's name, in the order given."""
        return {library_name(name): library_file(name) for name in self.networks}

    def reference_files(self) -> dict[str, Path]:
        """The files that the step reads besides its input folders, by the setting that names them."""
        paths = {f"networks.{name}": path for name, path in self.network_files().items()}
        return paths | ({"signatures": self.signatures} if self.signatures else {})
