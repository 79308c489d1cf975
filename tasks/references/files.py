"""Where reference files are, and the names that they have in tables."""

from pathlib import Path

from tasks.cells import sample

BUNDLED = ("go_bp", "reactome", "encode_tf")


def library_name(entry: str) -> str:
    """The name a library has in tables: its own if bundled, else its file's without the endings."""
    return Path(entry).name.removesuffix(".gz").removesuffix(".gmt")


def library_file(entry: str) -> Path:
    """The GMT file of a bundled library, else ``entry`` as a path."""
    return sample.path(f"gene_sets/{entry}.gmt.gz") if entry in BUNDLED else Path(entry)
