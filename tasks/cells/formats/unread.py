"""What a file or folder is that is not read, and how its owner makes one that is."""

import gzip
from contextlib import suppress
from pathlib import Path

MARKS = (
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"BZh", "packed with bzip2: unpack it"),
    (b"\xfd7zXZ", "packed with xz: unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it"),
    (b"PAR1", "a Parquet table: write the cells as .h5ad"),
    (b"ARROW1", "an Arrow table: write the cells as .h5ad"),
    (b"RDX", "an R object: write the counts as .h5ad, or as a matrix folder with DropletUtils::write10xCounts"),
    (b"X\n", "an R object: write the counts as .h5ad, or as a matrix folder with DropletUtils::write10xCounts"),
    (b"\x80\x02", "a Python pickle, which is never loaded: write the cells as .h5ad"),
    (b"\x80\x03", "a Python pickle, which is never loaded: write the cells as .h5ad"),
    (b"\x80\x04", "a Python pickle, which is never loaded: write the cells as .h5ad"),
    (b"\x80\x05", "a Python pickle, which is never loaded: write the cells as .h5ad"),
)
TAR_MARK = slice(257, 262)


def head_of(path: Path, n: int = 4096) -> bytes:
    """The first bytes of a file, unpacked if it is packed with gzip; as many as can be read."""
    with path.open("rb") as file:
        head = file.read(n)
    if head[:2] != b"\x1f\x8b":
        return head
    with suppress(OSError, EOFError), gzip.open(path) as unpacked:
        return unpacked.read(n)
    return head


def unread_file(path: Path, head: bytes) -> str | None:
    """What a file with these first bytes seems to be; None for a table of text."""
    if not path.is_file():
        return "no regular file"
    if not head:
        return "empty"
    if head[TAR_MARK] == b"ustar":
        return "a tar archive: unpack it and give the folder"
    found = next((told for mark, told in MARKS if head.startswith(mark)), None)
    if found is not None or _is_table(head):
        return found
    return "of no known format"


def _is_table(head: bytes) -> bool:
    """Whether the first bytes are text whose first line has separators."""
    first = head.partition(b"\n")[0]
    return b"\0" not in head and any(separator in first for separator in (b"\t", b",", b";"))


def unread_hdf5(members: set[str]) -> str:
    """What to do about an HDF5 file with these members."""
    if {"molecule_info", "barcode_idx"} & members:
        return "it lists molecules, give filtered_feature_bc_matrix.h5 of the same run"
    if {"assays", "cell.names"} <= members:
        return "it is of Seurat, convert it with SeuratDisk::Convert"
    return "write it with anndata"


def unread_folder(path: Path) -> str:
    """What a folder seems to be."""
    names = {child.name for child in path.iterdir() if not child.name.startswith(".")}
    if not names:
        return "an empty folder"
    if {"dataset_info.json", "state.json"} & names or any(name.endswith(".arrow") for name in names):
        return "a folder of tokens (a Hugging Face dataset), not of counts: give the cells it was made of"
    if {"config.json", "model.safetensors", "pytorch_model.bin"} & names:
        return "a model directory: that is model.path"
    shown = ", ".join(sorted(names)[:5]) + (", ..." if len(names) > 5 else "")
    return f"a folder without cells (it holds {shown})"
