"""Gene-set files that tests write, and the folder of step ``references`` that is made of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tasks.references.settings import ReferencesSettings
from tests.builders.steps import do_step


def write_gmt(path: Path, sets: Mapping[str, Sequence[str]]) -> Path:
    """A GMT file of these sets."""
    path.write_text("".join(f"{name}\tx\t" + "\t".join(genes) + "\n" for name, genes in sets.items()))
    return path


def read_references(root: Path, cells: Path, gene_sets: Sequence[Path], **sources: Sequence[Path]) -> Path:
    """A finished folder ``references`` below ``root``, read for the genes of ``cells``; no network unless named."""
    named = {kind: [str(path) for path in paths] for kind, paths in {"networks": (), **sources}.items()}
    settings = ReferencesSettings.model_validate({"gene_sets": [str(path) for path in gene_sets], **named})
    return do_step("references", settings, root / "references-0123456789abcdef", cells=cells)
