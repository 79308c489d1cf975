"""Where reference files are, and the names that they have in tables."""

from pathlib import Path

from tasks.cells import sample

BUNDLED = {  # licences of the bundled files, see tasks/cells/sample/PROVENANCE.md
    "go_bp": "CC BY 4.0",
    "reactome": "CC BY 4.0",
    "encode_tf": "unrestricted use with attribution to the ENCODE Consortium",
}
ENDINGS = (".gmt", ".tsv", ".csv", ".txt")


def library_name(entry: str) -> str:
    """The name a library has in tables: its own if bundled, else its file's without the endings."""
    name = Path(entry).name.removesuffix(".gz")
    return next((name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)), name)


def library_file(entry: str) -> Path:
    """The file of a bundled library, else ``entry`` as a path."""
    return sample.path(f"gene_sets/{entry}.gmt.gz") if entry in BUNDLED else Path(entry)


def is_gmt(path: Path) -> bool:
    """Whether a file holds gene sets, by its name."""
    return path.name.removesuffix(".gz").endswith(".gmt")
