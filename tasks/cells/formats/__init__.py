"""Files of cells in the formats that people have, each behind the same small protocol (``protocol.MatrixFile``)."""
