"""``gene_index.json`` and ``ontology_index.json``: regroupings of the features' and annotations' files."""

from pathlib import Path

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file

GENES = {"symbol": pl.String, "sae_id": pl.String, "feature": pl.UInt32, "rank": pl.UInt16}
TERMS = {"ontology": pl.String, "term": pl.String, "sae_id": pl.String, "feature": pl.UInt32}


def read_gene_index(atlas: Atlas, path: Path) -> Tables:
    """Table gene_index; its ranks start at 1, those of the file at 0."""
    with read_file(path) as raw:
        rows = [
            (symbol, atlas.sae_id(one["l"]), one["i"], one["r"] + 1)
            for symbol, listed in raw.items()
            for one in listed
            if atlas.describes(one["l"])
        ]
        return {"gene_index": frame_of(GENES, rows)}


def read_ontology_index(atlas: Atlas, path: Path) -> Tables:
    """Table ontology_index. The p of the file is that of the annotations."""
    with read_file(path) as raw:
        rows = [
            (one["o"], term, atlas.sae_id(one["l"]), one["i"])
            for term, listed in raw.items()
            for one in listed
            if atlas.describes(one["l"])
        ]
        return {"ontology_index": frame_of(TERMS, rows)}
