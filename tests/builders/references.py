"""Gene-set files that tests write."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def write_gmt(path: Path, sets: Mapping[str, Sequence[str]]) -> Path:
    """A GMT file of these sets."""
    path.write_text("".join(f"{name}\tx\t" + "\t".join(genes) + "\n" for name, genes in sets.items()))
    return path
