"""Rows of the references step: the libraries of ``study_annotation``, an invented network and a screen."""

import hashlib

import polars as pl

from tests.builders.contract_frames import contract_frame
from tests.builders.study_annotation import gene_sets
from tests.builders.study_cells import MARKERS, World


def reference_tables(world: World, seed: int) -> dict[str, pl.DataFrame]:
    """reference_db, gene_set and ref_edge."""
    libraries = {("gene_set", name): sets for name, sets in gene_sets(world, seed).items()}
    libraries["signature", "screen"] = {f"{genes[0]}_KD": {*genes[1:]} for genes in MARKERS.values()}
    sets = pl.DataFrame(
        [
            (name, kind, term, gene)
            for (kind, name), sets in libraries.items()
            for term, genes in sets.items()
            for gene in sorted(genes)
        ],
        schema=["reference", "kind", "term", "gene"],
        orient="row",
    )
    pairs = [("tf_net", genes[0], gene) for genes in MARKERS.values() for gene in genes[1:]]
    edges = pl.DataFrame(pairs, schema=["reference", "source", "target"], orient="row")
    edges = edges.with_columns(mode=pl.lit("activation"), score=pl.lit(None, pl.Float32))
    files = [
        _file(rows, world, kind, name) for (name, kind), rows in sets.group_by("reference", "kind", maintain_order=True)
    ]
    files.append(_file(edges.rename({"source": "term", "target": "gene"}), world, "network", "tf_net"))
    return {
        "reference_db": contract_frame("reference_db", files),
        "gene_set": contract_frame("gene_set", sets),
        "ref_edge": contract_frame("ref_edge", edges),
    }


def _file(rows: pl.DataFrame, world: World, kind: object, name: object) -> dict[str, object]:
    genes = {*rows["gene"]} | ({*rows["term"]} if kind == "network" else set())
    shared = len(genes & {*world.symbols})
    return {
        "reference": name,
        "kind": kind,
        "file_name": f"{name}.gmt",
        "sha256": hashlib.sha256(str(name).encode()).hexdigest(),
        "licence": "CC BY 4.0" if kind == "gene_set" else None,
        "n_sets": rows["term"].n_unique(),
        "n_rows": rows.height,
        "n_genes": len(genes),
        "n_universe": len(genes),
        "n_shared": shared,
        "share_of_file": shared / len(genes),
        "share_of_study": shared / len(world.symbols),
        "directed": True if kind == "network" else None,
    }
