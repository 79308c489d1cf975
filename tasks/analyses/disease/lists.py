"""Which features list the genes of which disease: the test of step describe, with diseases in place of gene sets.

1. A feature's list is its first ``describe.tested_genes`` genes. The background is what features could have listed.
2. p is that of lists of equal length that hold genes as ``describe.listed`` says; q is Benjamini-Hochberg over all
   features and diseases of the autoencoder, common genes or none.
3. Beside the share of annotated features stands that of random lists that hold every gene as often (``null_lists``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.analyses.disease.step import DiseaseSettings
from tasks.cells.reader import CellsReader
from tasks.codes.axes import read_axes
from tasks.describe.settings import DescribeSettings
from tasks.describe.summary import summarise
from tasks.references.annotation import annotate, gene_lists
from tasks.references.gene_sets import Sets, cut_all, read_gene_sets
from tasks.references.null_lists import null_fractions
from tasks.references.settings import ReferencesSettings
from tasks.references.tables import StudyGenes, share_genes
from tasks.references.tails import tails_of
from tasks.references.text import read_genes
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder


@dataclass(frozen=True)
class Listing:
    """Of one autoencoder: tables feature_disease and disease_summary behind sae_id, and the ``length`` of lists."""

    sae_id: str
    diseases: pl.DataFrame
    summary: pl.DataFrame
    length: pl.DataFrame


def read_diseases(settings: DiseaseSettings, inputs: Inputs) -> dict[str, Sets]:
    """The diseases of every file. Raises RequestError if the study knows nearly none of a file's genes."""
    study = StudyGenes.of(CellsReader(inputs.folder("cells")).genes())
    least = inputs.sections.of(ReferencesSettings).min_shared
    found = {}
    for source in settings.sets:
        sets = read_gene_sets(source.path)
        named = {gene.upper() for genes in sets.values() for gene in genes}
        named |= {gene.upper() for gene in read_genes(source.universe)} if source.universe else set()
        share_genes(source, frozenset(named), study, least)
        spelled = study.spelling
        found[source.name] = {
            disease: frozenset(spelled.get(gene.upper(), gene) for gene in genes) for disease, genes in sets.items()
        }
    return found


def background_of(inputs: Inputs) -> list[str]:
    """Symbols that features could have listed."""
    return read_axes(inputs.folder("activations"), inputs.folder("cells")).background


def list_diseases(
    settings: DiseaseSettings,
    described: DescribeSettings,
    folder: StepFolder,
    diseases: Mapping[str, Sets],
    background: list[str],
) -> Listing:
    """Steps 1 to 3, of one layer's autoencoder."""
    ranked = folder.read_table("feature_gene").filter(pl.col("rank") <= described.tested_genes)
    genes = gene_lists(ranked, background)
    libraries = cut_all(diseases, background, settings.min_set, settings.max_set)
    for library in libraries:
        if not library.terms:
            raise RequestError(
                f"disease.sets: no disease of {library.name} has {settings.min_set} to {settings.max_set} genes that "
                "features could list: change disease.min_set or max_set, or leave the file out"
            )
    tails = [tails_of(library.members, genes.lists, described.listed) for library in libraries]
    rows, found = annotate(genes, libraries, tails, settings.alpha)
    null = null_fractions(genes.lists, libraries, tails, settings.alpha, settings.null_draws, settings.seed)
    length = pl.DataFrame({"feature": genes.feature, "length": np.diff(genes.lists.indptr).astype(np.int64)})
    sae_id = folder.read_table("feature")["sae_id"][0]
    return Listing(sae_id, rows.rename({"term": "disease"}), summarise(genes, libraries, found, null), length)
