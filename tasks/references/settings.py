"""Settings of the references step."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tasks.references.files import BUNDLED, library_file, library_name
from tasks.section import LOCAL, Section

Kind = Literal["gene_set", "network", "signature"]
RESERVED = ("all", "none")  # rows of tables that stand for all libraries, or for none


class Source(Section):
    """One reference file. A name or path alone stands for a section with nothing but ``file``."""

    file: Annotated[str, LOCAL] = Field(description="A bundled name (go_bp, reactome, encode_tf) or the path of a file")
    licence: str | None = Field(None, description="Licence of the file, kept in table reference_db")
    universe: Annotated[Path | None, LOCAL] = Field(
        None, description="File of the genes that the library could have named, one a line; unset, those it names"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: object) -> object:
        return {"file": given} if isinstance(given, str) else given

    @property
    def name(self) -> str:
        """What tables call it."""
        return library_name(self.file)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return library_file(self.file)

    @property
    def terms(self) -> str | None:
        """The licence that was given, or that of a bundled file."""
        return self.licence or BUNDLED.get(self.file)


class NetworkSource(Source):
    """One network file."""

    directed: bool | None = Field(
        None,
        description="Whether edges lead from the first gene to the second; unset, as the file says: its format, the "
        "names of its columns or a mode of regulation",
    )


class ReferencesSettings(Section):
    """What is known of genes: files that features and circuits are held against."""

    gene_sets: tuple[Source, ...] = Field(
        tuple(BUNDLED),
        min_length=1,
        validate_default=True,
        description="Gene-set libraries: go_bp, reactome, encode_tf (bundled) or paths of GMT files, or sections "
        '{file = "mine.gmt", licence = "CC BY 4.0"}',
    )
    networks: tuple[NetworkSource, ...] = Field(
        ("encode_tf",),
        validate_default=True,
        description="Gene networks: encode_tf (bundled), GMT files whose set names start with the factor, or tables of "
        "edges (.tsv, .csv): TRRUST, STRING, or two columns of genes",
    )
    signatures: tuple[Source, ...] = Field(
        (), description="GMT files of genes that rise after a knock-down, sets named GENE_KD or GENE_KD_line"
    )
    min_shared: float = Field(
        0.05,
        gt=0,
        le=1,
        description="A file is refused if the study knows less than this share of its genes, and it less than this "
        "share of the genes that the study's model knows",
    )

    @model_validator(mode="after")
    def _told_apart(self) -> "ReferencesSettings":
        for setting, sources in (
            ("gene_sets", self.gene_sets),
            ("networks", self.networks),
            ("signatures", self.signatures),
        ):
            names = [source.name for source in sources]
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two of {setting} are called {name!r}: rename a file or drop one")
                if name in RESERVED:
                    raise ValueError(f"none of {setting} can be called {name!r}: rename the file")
        return self

    def sources(self) -> Iterator[tuple[str, Kind, Source]]:
        """Every file with the setting that names it and its kind, in the order given."""
        yield from (("gene_sets", "gene_set", source) for source in self.gene_sets)
        yield from (("networks", "network", source) for source in self.networks)
        yield from (("signatures", "signature", source) for source in self.signatures)
