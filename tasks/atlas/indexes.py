"""``gene_index.json`` and ``ontology_index.json``: regroupings of the features' and annotations' files."""

from pathlib import Path

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file


def read_gene_index(atlas: Atlas, path: Path) -> Tables:
    """Table gene_index; its ranks start at 1, those of the file at 0."""
    with read_file(path) as raw:
        rows = [
            (symbol, atlas.sae_id(one["l"]), one["i"], one["r"] + 1)
            for symbol, listed in raw.items()
            for one in listed
            if atlas.describes(one["l"])
        ]
        return {"gene_index": frame_of("gene_index", "symbol sae_id feature rank", rows)}


def read_ontology_index(atlas: Atlas, path: Path) -> Tables:
    """Table ontology_index. The p of the file is that of the annotations."""
    with read_file(path) as raw:
        rows = [
            (one["o"], term, atlas.sae_id(one["l"]), one["i"])
            for term, listed in raw.items()
            for one in listed
            if atlas.describes(one["l"])
        ]
        return {"ontology_index": frame_of("ontology_index", "ontology term sae_id feature", rows)}
