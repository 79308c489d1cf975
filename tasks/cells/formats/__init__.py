"""Files of cells in the formats that people have, each behind the same small protocol."""

from tasks.cells.formats.opening import open_cells
from tasks.cells.formats.protocol import Annotation, Matrix, MatrixFile

__all__ = ["Annotation", "Matrix", "MatrixFile", "open_cells"]
